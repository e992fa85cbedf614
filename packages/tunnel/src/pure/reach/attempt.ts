/** One dial of a source: a connection, a handshake and a lane, by one way and for one purpose. */
import type { Branded, Millis } from "@ropewalk/kernel/units";
import type { Way } from "./way.ts";

/** Counts the dials of a source from 1; the lane that comes of one keeps it as its name. */
export type AttemptId = Branded<number, "AttemptId">;

/**
 * `first`: there is no session, or it is left behind: start one. `resume`: the session's lane was lost. `refresh`, `move`:
 * the session has a lane, and is to have a newer one, or one by another path. `return`: it carries no streams, and one at a
 * destination that is preferred shall take its place; or its destination is stopping, and one elsewhere shall take new streams.
 */
export type Purpose = "first" | "resume" | "refresh" | "move" | "return";

export interface Attempt {
  readonly attempt: AttemptId;
  readonly way: Way;
  readonly purpose: Purpose;
  readonly startedAt: Millis;
}

/**
 * `unreachable`: no TCP connection. `cut-off`: it ended in the middle of the handshake. `refused`: one end would not have
 * the other. `deadline`: no handshake in time. `no-welcome`: the lane's hello was not answered.
 */
export type DialFailure = "unreachable" | "cut-off" | "refused" | "deadline" | "no-welcome";
