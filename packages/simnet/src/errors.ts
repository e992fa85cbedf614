/** What can go wrong with a simulation. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type SimnetErrorCode =
  /** A scenario threw; the message says with which seed. */
  "SIMNET_SCENARIO_FAILED";

export class SimnetError extends RopewalkError<SimnetErrorCode> {}
