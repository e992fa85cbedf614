/**
 * The choice in sentences, with the figures that it was made by. They follow from what is so and not from how long it has been,
 * for a decision is told anew whenever its text changes.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type { KernelRoute } from "../status.ts";
import {
  type Candidate,
  compareClass,
  compareStanding,
  gainOf,
  isCarrying,
  isHopeless,
  isUnjudged,
  preference,
} from "./candidate.ts";
import { type Cause, type Challenger, holdOf } from "./challengers.ts";
import type { ChoiceConfig } from "./health/health-config.ts";
import { kindBias, kindNames } from "./kind-bias.ts";

export interface ReasonContext {
  /** Best first. */
  readonly losers: readonly Candidate[];
  readonly challengers: readonly Challenger[];
  readonly config: ChoiceConfig;
}

export function whyChosen(chosen: Candidate | undefined, context: ReasonContext, kernel: KernelRoute | null): string {
  const warning =
    kernel?.isDeadEnd === true
      ? `; the kernel goes on sending by ${kernel.name}, which has no carrier, for ignore_routes_with_linkdown is off`
      : "";
  if (chosen !== undefined) return `${whyThisOne(chosen, context)}${warning}`;
  return `${context.losers.length === 0 ? "there is no uplink" : "no uplink can be used"}${warning}`;
}

function whyThisOne(chosen: Candidate, context: ReasonContext): string {
  const ordered = whyOrdered(chosen, context);
  if (ordered !== undefined) return ordered;
  const { losers, challengers } = context;
  const drawback = isHopeless(chosen) ? `; ${standing(chosen)}` : "";
  const isChallenger = ({ uplinkId }: Candidate) => challengers.some((one) => one.uplinkId === uplinkId);
  const isSpared = (one: Candidate) => one.order === "drained" && !isChallenger(one);
  const rivals = losers.filter((one) => one.isUsable && !isSpared(one));
  if (losers.length === 0) return `${chosen.name} is the only uplink${drawback}`;
  if (rivals.length === 0 && losers.some((one) => one.isUsable)) {
    return `${chosen.name} is the only uplink with carrier, address and route that is not drained${drawback}`;
  }
  if (rivals.length === 0) return `${chosen.name} is the only uplink with carrier, address and route${drawback}`;
  if (isHopeless(chosen)) return `${standing(chosen)}; it stays, for no other is known to be better`;
  const challenged = rivals.find(isChallenger);
  const rival = challenged ?? (rivals[0] as Candidate);
  if (compareClass(chosen, rival) < 0) return aheadOfItsClass(chosen, rival);
  const why = whyRejected(rival, chosen, context);
  const isAhead = challenged !== undefined || hasMerit(rival, chosen, context.config);
  return isAhead ? `${chosen.name} stays: ${why}` : why;
}

/** The operator's word, when it is by that and not by merit. */
function whyOrdered(chosen: Candidate, context: ReasonContext): string | undefined {
  const { name, order } = chosen;
  const drawback = isHopeless(chosen) ? `; ${standing(chosen)}` : "";
  switch (order) {
    case "pinned":
      return isHopeless(chosen)
        ? `${name} is pinned, and nothing else is tried before it is released, though ${standing(chosen)}`
        : `${name} is pinned by the operator`;
    case "used": {
      const rival = context.losers.find(({ uplinkId }) => context.challengers.some((one) => one.uplinkId === uplinkId));
      if (rival !== undefined) return `${name} is used by the operator's order: ${whyRejected(rival, chosen, context)}`;
      return `${name} is used by the operator's order, until it fails${drawback}`;
    }
    case "drained":
      return `${name} is drained, and used all the same for want of a better one${drawback}`;
    case null:
      return undefined;
  }
}

function aheadOfItsClass(chosen: Candidate, rival: Candidate): string {
  if (isCarrying(rival)) return `${chosen.name} is the only uplink that every kind of traffic passes`;
  const claim = isCarrying(chosen) ? "is known to carry traffic" : "may carry traffic";
  return `${chosen.name} is the only uplink that ${claim}`;
}

/** Something speaks for the rival, so that the chosen one might not be chosen were it not in use. */
function hasMerit(rival: Candidate, chosen: Candidate, { margin }: ChoiceConfig): boolean {
  const gain = gainOf(rival, chosen);
  return gain > 0 || (gain > -margin && preference(rival, chosen).order < 0);
}

/** Why `loser` is not used; `chosen` is undefined when nothing is. */
export function whyRejected(loser: Candidate, chosen: Candidate | undefined, context: ReasonContext): string {
  if (!loser.isUsable) return `${loser.reason.text}${stillOrdered(loser)}`;
  if (chosen === undefined) return standing(loser);
  const challenge = context.challengers.find(({ uplinkId }) => uplinkId === loser.uplinkId);
  if (challenge !== undefined) return whyNotYet(loser, chosen, challenge.cause, context.config);
  if (loser.order === "drained" && chosen.order !== "drained") return `${loser.name} is drained`;
  if (isHopeless(loser)) return standing(loser);
  if (chosen.order === "pinned") return `${chosen.name} is pinned`;
  if (chosen.order === "used") return `the operator ordered ${chosen.name} to be used`;
  if (isUnjudged(loser) && isUnjudged(chosen)) return liking(chosen, loser);
  if (!isCarrying(loser) || compareStanding(chosen, loser) < 0) return standing(loser);
  return comparison(loser, chosen, context.config);
}

/** An order that waits for its uplink is not to be forgotten. */
function stillOrdered({ name, order }: Candidate): string {
  switch (order) {
    case "pinned":
      return `; ${name} is pinned, and taken as soon as it can be used`;
    case "drained":
      return `; ${name} is drained besides`;
    case "used":
    case null:
      return "";
  }
}

/** Both carry traffic, and nothing is wrong with `loser` that is not wrong with `chosen` too. */
function comparison(loser: Candidate, chosen: Candidate, { margin }: ChoiceConfig): string {
  const gain = gainOf(loser, chosen);
  if (gain > 0) {
    const because =
      gain < margin
        ? `less than the margin of ${margin}`
        : `which chance or a full queue may explain (${spans(loser, chosen)})`;
    return `${loser.name}'s score ${loser.score?.total} is ${gain} better, ${because}`;
  }
  const { by, order } = preference(chosen, loser);
  const isLiked = order < 0 && by !== "id";
  if (gain < 0 && (!isLiked || gain <= -margin)) {
    return `${loser.name}'s score ${loser.score?.total} is ${-gain} less than ${chosen.name}'s ${chosen.score?.total}`;
  }
  if (by === "id" && order > 0)
    return `${chosen.name} and ${loser.name} are equal in all, and ${chosen.name} is in use`;
  return isLiked || by === "id" ? liking(chosen, loser) : `${liking(loser, chosen)}, but others are better by far`;
}

function whyNotYet(loser: Candidate, chosen: Candidate, cause: Cause, config: ChoiceConfig): string {
  const hold = duration(holdOf(cause, config));
  switch (cause) {
    case "healthier":
      return `${advantage(loser, chosen, cause)}; ${loser.name} takes over once that held for ${hold}`;
    case "better":
      return `${advantage(loser, chosen, cause)}, and takes over once that held for ${hold}`;
    case "preferred":
      return `${advantage(loser, chosen, cause)}; ${loser.name} takes over once it was as good for ${hold}`;
  }
}

function advantage(winner: Candidate, other: Candidate, cause: Cause): string {
  switch (cause) {
    case "healthier":
      return `${winner.name} is ${winner.state}, ${standing(other)}`;
    case "better":
      return `${winner.name}'s score ${winner.score?.total} is ${gainOf(winner, other)} better than ${other.name}'s ${other.score?.total}`;
    case "preferred":
      return liking(winner, other);
  }
}

/** Why the uplink in use was left; `cause` when it had to hold. */
export function whyLeft(
  incumbent: UplinkId | undefined,
  left: Candidate | undefined,
  taken: Candidate | undefined,
  cause: Cause | undefined,
  config: ChoiceConfig,
): string {
  if (incumbent === undefined) return "none was in use";
  if (left === undefined) return `${incumbent} is gone`;
  if (taken?.order === "pinned") return `${taken.name} is pinned`;
  if (taken?.order === "used") return `the operator ordered ${taken.name} to be used`;
  if (!left.isUsable) return left.reason.text;
  if (taken === undefined) return standing(left);
  if (left.order === "drained" && taken.order !== "drained") return `${left.name} is drained`;
  if (cause !== undefined) return `${advantage(taken, left, cause)}, for ${duration(holdOf(cause, config))}`;
  return isUnjudged(left) ? liking(taken, left) : standing(left);
}

function standing({ name, state, reason }: Candidate): string {
  return `${name} is ${state === "portal" ? "behind a portal" : state}: ${reason.text}`;
}

function liking(better: Candidate, other: Candidate): string {
  switch (preference(better, other).by) {
    case "metered":
      return `${better.name} is not known to be metered, ${other.name} is`;
    case "kind":
      return `${better.name} is ${kindText(better)}, ${other.name} is ${kindText(other)}`;
    case "metric":
      return `of equal ones the kernel's route by ${better.name} has the lower metric (${metricText(better)}; ${other.name}: ${metricText(other)})`;
    case "id":
      return `${better.name} and ${other.name} are equal in all, and ${better.uplinkId} comes first by name`;
  }
}

function spans(one: Candidate, other: Candidate): string {
  return `${one.range?.low} to ${one.range?.high}; ${other.name}: ${other.range?.low} to ${other.range?.high}`;
}

function kindText({ kind }: Candidate): string {
  return `${kindNames[kind]} (bias ${kindBias[kind]})`;
}

function metricText({ metric }: Candidate): string {
  return metric === null ? "no route" : String(metric);
}

function duration(span: Millis): string {
  return span < 1_000 ? `${span} ms` : `${span / 1_000} s`;
}
