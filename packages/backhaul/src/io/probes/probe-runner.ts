/**
 * What asks the questions that the pure part wants asked. Every request has exactly one outcome, except an echo whose reply
 * never comes.
 */
import type { ProbeOutcome, ProbePath, ProbeRequest } from "../../pure/health/probe.ts";

export interface ProbeRunner extends AsyncDisposable {
  /** Never throws; what fails at once is an outcome too, told after this call has returned. */
  run(request: ProbeRequest): void;
  /**
   * The paths there are now, after every change; only these are asked. Sockets on any other are closed: what waited on them is
   * unsent because its path is gone, echoes are not heard of again.
   */
  follow(paths: readonly ProbePath[]): void;
}

export type OnOutcome = (outcome: ProbeOutcome) => void;
