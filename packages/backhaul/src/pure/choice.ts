/**
 * Which uplink traffic should take: the one in use, until there is a cause to leave it. What is dead is left at once; what
 * works is left only for what is better by a margin, or was meant to be used, and has been so for a while.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type { Decision, KernelRoute } from "../status.ts";
import {
  type Candidate,
  compareCandidates,
  compareClass,
  isCarrying,
  isHopeless,
  isUnjudged,
  preference,
  standingOf,
  topScore,
} from "./candidate.ts";
import { type Challenger, challengersOf, deadlineOf, holdOf } from "./challengers.ts";
import { whyChosen, whyLeft, whyRejected } from "./choice-reasons.ts";
import { eligibleOf } from "./eligible.ts";
import type { ChoiceConfig } from "./health/health-config.ts";

/** Plain JSON. */
export interface ChoiceState {
  readonly incumbent: UplinkId | undefined;
  readonly challengers: readonly Challenger[];
  /** The one that was ordered to be used and has not failed since: the incumbent, or the next. */
  readonly used: UplinkId | undefined;
}

export interface Switch {
  readonly from: UplinkId | undefined;
  readonly to: UplinkId | undefined;
  readonly because: string;
}

export interface Choice {
  readonly state: ChoiceState;
  readonly decision: Decision;
  readonly switched: Switch | undefined;
  /** When to be asked again if nothing else happens. */
  readonly deadline: Millis | undefined;
}

export const noChoice: ChoiceState = { incumbent: undefined, challengers: [], used: undefined };

/** `candidates` have distinct ids; their order is of no account. */
export function choose(
  before: ChoiceState,
  candidates: readonly Candidate[],
  kernel: KernelRoute | null,
  now: Millis,
  config: ChoiceConfig,
): Choice {
  const eligible = eligibleOf(candidates);
  // What an earlier run had chosen is in the kernel: a start takes it over.
  const steered = kernel?.isOurs === true ? kernel.uplinkId : undefined;
  const incumbent = eligible.find(({ uplinkId }) => uplinkId === (before.incumbent ?? steered));
  const held = challengersOf(incumbent, eligible, before.challengers, now, config);
  const due = held.filter(({ cause, since }) => now >= since + holdOf(cause, config));
  const chosen =
    orderedInstead(incumbent, eligible) ??
    successorAtOnce(incumbent, eligible, steered, config) ??
    bestOf(
      eligible.filter(({ uplinkId }) => due.some((one) => one.uplinkId === uplinkId)),
      config,
    ) ??
    usable(incumbent);
  const isSwitch = chosen?.uplinkId !== before.incumbent;
  const challengers = isSwitch ? challengersOf(chosen, eligible, [], now, config) : held;
  return {
    state: { incumbent: chosen?.uplinkId, challengers, used: chosen?.order === "used" ? chosen.uplinkId : undefined },
    decision: decisionOf(chosen, candidates, kernel, challengers, config),
    switched: isSwitch ? switchOf(before, candidates, chosen, due, config) : undefined,
    deadline: deadlineOf(challengers, config),
  };
}

function usable(candidate: Candidate | undefined): Candidate | undefined {
  return candidate?.isUsable === true ? candidate : undefined;
}

/** The one that was ordered to be used and is not yet; one that would be left at once is not taken. */
function orderedInstead(incumbent: Candidate | undefined, eligible: readonly Candidate[]): Candidate | undefined {
  return eligible.find((one) => one.order === "used" && one !== incumbent && one.isUsable && !isHopeless(one));
}

/** Who takes over without having to hold anything; undefined when nobody does. */
function successorAtOnce(
  incumbent: Candidate | undefined,
  candidates: readonly Candidate[],
  steered: UplinkId | undefined,
  config: ChoiceConfig,
): Candidate | undefined {
  if (incumbent === undefined) return bestOf(candidates, config);
  switch (standingOf(incumbent)) {
    case "unusable":
      return bestOf(candidates, config);
    case "dead":
    case "portal": {
      const best = bestOf(candidates, config);
      const isWorthIt = best !== undefined && (isCarrying(best) || standingOf(best) === "unproven");
      return isWorthIt ? best : undefined;
    }
    case "unproven":
      return isMovable(incumbent, steered) ? likedUnjudged(incumbent, candidates) : undefined;
    case "up":
    case "degraded":
    case "limping":
      return undefined;
  }
}

/** What carries traffic by our own doing is not left for what is liked before the first probes are back. */
function isMovable(incumbent: Candidate, steered: UplinkId | undefined): boolean {
  const isAdopted = incumbent.uplinkId === steered && incumbent.reason.code === "starting";
  return isUnjudged(incumbent) && incumbent.order !== "used" && !isAdopted;
}

/** While nothing was measured of any, only liking counts, and nothing is gained by waiting. */
function likedUnjudged(incumbent: Candidate, candidates: readonly Candidate[]): Candidate | undefined {
  if (candidates.some(isCarrying)) return undefined;
  const liked = candidates.filter((one) => isUnjudged(one) && preference(one, incumbent).order < 0);
  return liked.toSorted(compareCandidates)[0];
}

/**
 * The one to take when none is in use: best class, then what is liked. Of those that carry traffic only the ones whose scores
 * are within the margin of the highest are asked; what others once scored says nothing.
 */
function bestOf(candidates: readonly Candidate[], { margin }: ChoiceConfig): Candidate | undefined {
  const [first] = candidates.filter((one) => one.isUsable).toSorted(compareClass);
  if (first === undefined) return undefined;
  const peers = candidates.filter((one) => compareClass(one, first) === 0);
  const top = topScore(peers);
  const isNear = ({ score }: Candidate) => score === null || score.total === top || score.total > top - margin;
  return peers.filter((one) => !isCarrying(one) || isNear(one)).toSorted(compareCandidates)[0];
}

function decisionOf(
  chosen: Candidate | undefined,
  candidates: readonly Candidate[],
  kernel: KernelRoute | null,
  challengers: readonly Challenger[],
  config: ChoiceConfig,
): Decision {
  const losers = candidates.filter((one) => one !== chosen).toSorted(compareCandidates);
  const context = { losers, challengers, config };
  return {
    uplinkId: chosen?.uplinkId ?? null,
    name: chosen?.name ?? null,
    reason: whyChosen(chosen, context, kernel),
    rejected: losers.map((loser) => {
      return { uplinkId: loser.uplinkId, name: loser.name, reason: whyRejected(loser, chosen, context) };
    }),
    order: orderBehind(chosen),
    shares: [],
    kernel: namedAfter(chosen, kernel),
  };
}

/** Of several uplinks that the kernel uses the chosen one is named. */
function namedAfter(chosen: Candidate | undefined, kernel: KernelRoute | null): KernelRoute | null {
  const named = kernel?.shares.find(({ uplinkId }) => uplinkId === chosen?.uplinkId);
  if (kernel === null || named === undefined || chosen?.isUsable !== true) return kernel;
  return { ...kernel, uplinkId: named.uplinkId, name: named.name, isDeadEnd: false };
}

function orderBehind(chosen: Candidate | undefined): Decision["order"] {
  return chosen?.order === "drained" ? "drained-last-resort" : (chosen?.order ?? null);
}

function switchOf(
  before: ChoiceState,
  candidates: readonly Candidate[],
  taken: Candidate | undefined,
  due: readonly Challenger[],
  config: ChoiceConfig,
): Switch {
  const left = candidates.find(({ uplinkId }) => uplinkId === before.incumbent);
  const cause = due.find(({ uplinkId }) => uplinkId === taken?.uplinkId)?.cause;
  const because = whyLeft(before.incumbent, left, taken, cause, config);
  return { from: before.incumbent, to: taken?.uplinkId, because };
}
