/** What Ropewalk did to the machine's traffic, or was asked to: each with its cause, and what shows that it was so. */
import type { Family } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";

export type SteeringAction =
  /** Somebody gave Ropewalk the wheel, confirmed it, or took it back. */
  | "taken"
  | "confirmed"
  | "given-back"
  /** Ordinary traffic of a family goes by another uplink. */
  | "moved"
  /** Routes, rules or settings were changed, and ordinary traffic goes as before. */
  | "changed"
  /** Sockets and tracked flows of a dead uplink were ended. */
  | "ended-flows"
  /** Nothing is left on an uplink that was to be emptied. */
  | "drained"
  /** Somebody else had removed or changed what is ours. */
  | "repaired"
  /** He goes on doing so: it is repaired again, but not at once. */
  | "put-off"
  /** The kernel did not do what it was told; of a family: its traffic was to go by another uplink, and does not yet. */
  | "refused";

export interface SteeringAct {
  readonly kind: "steering";
  readonly action: SteeringAction;
  /** Null when it is of both, or of none. */
  readonly family: Family | null;
  readonly uplinkId: UplinkId | null;
  /** One sentence for people. */
  readonly cause: string;
  /** What was done, in the commands that would do the same, and what came of it. At most a hundred lines. */
  readonly evidence: readonly string[];
}

export interface SteeringEvent extends SteeringAct {
  /** When it was done, or refused, on the monotonic clock of this process; it is told later. */
  readonly at: Millis;
}
