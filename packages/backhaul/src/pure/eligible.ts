/**
 * Among which uplinks the choice is made, by the operator's word: the pinned one alone for as long as it can be used, else all
 * but the drained ones. A drained one is better than none that carries.
 */
import { type Candidate, isCarrying, standingOf } from "./candidate.ts";

/** Of the candidates those that may be chosen, and with nothing ordered all of them. */
export function eligibleOf(candidates: readonly Candidate[]): readonly Candidate[] {
  const pinned = candidates.find((one) => one.order === "pinned" && one.isUsable);
  if (pinned !== undefined) return [pinned];
  return candidates.filter((one) => one.order !== "drained" || isNeeded(one, candidates));
}

/** True when every uplink that is not drained promises less. */
function isNeeded(drained: Candidate, candidates: readonly Candidate[]): boolean {
  return candidates.every((one) => one.order === "drained" || promise(one) > promise(drained));
}

/** What may be hoped of it, least for the best: it carries, it may, it does not, it cannot. */
function promise(candidate: Candidate): number {
  if (isCarrying(candidate)) return 0;
  switch (standingOf(candidate)) {
    case "unproven":
      return 1;
    case "portal":
    case "dead":
      return 2;
    default:
      return 3;
  }
}
