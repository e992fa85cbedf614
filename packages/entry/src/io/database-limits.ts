/** How much of the database one entry takes, and for how long anybody waits for it. */
import { type Millis, seconds } from "@ropewalk/kernel/units";

export interface DatabaseLimits {
  /** Connections at a time. */
  readonly connections: number;
  /** Those who wait for one at a time; who comes after them is refused. */
  readonly waiting: number;
  /** For a free connection, and for a new one. */
  readonly connect: Millis;
  /** For an answer, of which so much may be for a lock. */
  readonly statement: Millis;
  readonly lock: Millis;
  /** For what a transaction does between its statements. */
  readonly idle: Millis;
  /** How often a transaction is tried that others got in the way of. */
  readonly attempts: number;
}

export const usualLimits: DatabaseLimits = {
  connections: 8,
  waiting: 512,
  connect: seconds(5),
  statement: seconds(10),
  lock: seconds(3),
  idle: seconds(15),
  attempts: 6,
};
