/**
 * An uplink as the choice sees it, for one family or for all. Two orders: its standing, which says whether it carries traffic,
 * and, of those that stand equal, which one its owner would rather use: not known to cost by volume, kind, metric of the
 * kernel's route, id.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { ScoreStatus, UplinkKind, UplinkReason, UplinkReasonCode, UplinkState } from "../status.ts";
import { kindBias } from "./kind-bias.ts";
import type { StandingOrder } from "./orders.ts";

export interface Candidate {
  readonly uplinkId: UplinkId;
  readonly name: string;
  readonly kind: UplinkKind;
  readonly metered: boolean | null;
  /** Of the kernel's default route; null without one. */
  readonly metric: number | null;
  readonly state: UplinkState;
  readonly reason: UplinkReason;
  readonly score: ScoreStatus | null;
  /** What the score's total may be, so few probes having been counted and queues being what they are; null when nobody says. */
  readonly range: ScoreRange | null;
  /** So much is lost that connections break. */
  readonly isBreaking: boolean;
  /** It has carrier, address and route: it could carry packets at all. */
  readonly isUsable: boolean;
  /** What the operator said of it; null when nothing. */
  readonly order: StandingOrder | null;
}

export interface ScoreRange {
  readonly low: number;
  readonly high: number;
}

/** Best first. Limping: some kind of traffic does not pass at all. Unproven: it may carry traffic, and was not seen to. */
const standings = ["up", "degraded", "limping", "unproven", "portal", "dead", "unusable"] as const;
export type Standing = (typeof standings)[number];

const breakingTraffic: ReadonlySet<UplinkReasonCode> = new Set(["tcp-blocked", "dns-blocked", "mtu"]);

export function standingOf({ isUsable, state, reason, isBreaking }: Candidate): Standing {
  if (!isUsable) return "unusable";
  switch (state) {
    case "up":
      // Surer than a hold could make it: what breaks connections is not waited for.
      return isBreaking ? "limping" : "up";
    case "degraded":
      return isBreaking || breakingTraffic.has(reason.code) ? "limping" : "degraded";
    case "unknown":
    case "probing":
      return "unproven";
    case "portal":
      return "portal";
    case "down":
      return "dead";
  }
}

/** Negative when the standing of `a` is better. */
export function compareStanding(a: Candidate, b: Candidate): number {
  return standings.indexOf(standingOf(a)) - standings.indexOf(standingOf(b));
}

/** As the standing, save that up and degraded are one: what is wrong with the degraded, its score tells. */
export function compareClass(a: Candidate, b: Candidate): number {
  return classOf(a) - classOf(b);
}

function classOf(candidate: Candidate): number {
  const standing = standingOf(candidate);
  return standings.indexOf(standing === "degraded" ? "up" : standing);
}

/** It was measured, and traffic passes. */
export function isCarrying(candidate: Candidate): boolean {
  return candidate.isUsable && (candidate.state === "up" || candidate.state === "degraded");
}

/** It was measured, and nothing of ours gets through. */
export function isHopeless({ state }: Pick<Candidate, "state">): boolean {
  return state === "down" || state === "portal";
}

/** Nothing was measured of it yet, or nothing can be. */
export function isUnjudged({ isUsable, state, reason }: Candidate): boolean {
  return isUsable && (state === "unknown" || reason.code === "starting");
}

export type Criterion = "metered" | "kind" | "metric" | "id";

/** By what the one is liked better than the other; `order` is negative when it is `a`. */
export function preference(a: Candidate, b: Candidate): { readonly by: Criterion; readonly order: number } {
  const metered = Number(a.metered === true) - Number(b.metered === true);
  if (metered !== 0) return { by: "metered", order: metered };
  const bias = kindBias[b.kind] - kindBias[a.kind];
  if (bias !== 0) return { by: "kind", order: bias };
  const metric = metricOf(a) - metricOf(b);
  if (metric !== 0) return { by: "metric", order: metric };
  return { by: "id", order: a.uplinkId < b.uplinkId ? -1 : Number(a.uplinkId > b.uplinkId) };
}

/** Best first: standing, then preference. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  const standing = compareStanding(a, b);
  return standing === 0 ? preference(a, b).order : standing;
}

/** No route of the kernel ranks behind every route; RTA_PRIORITY has 32 bits. */
function metricOf(candidate: Candidate): number {
  return candidate.metric ?? 2 ** 32;
}

/** The highest of their scores; -∞ when none has one. */
export function topScore(candidates: readonly Candidate[]): number {
  return Math.max(...candidates.map(({ score }) => score?.total ?? Number.NEGATIVE_INFINITY));
}

/** By how much the score of `one` is higher; 0 when they cannot be compared. */
export function gainOf(one: Candidate, other: Candidate): number {
  return one.score === null || other.score === null ? 0 : one.score.total - other.score.total;
}

/** How far the worst that the score of `one` may be is above the best that the other's may be; negative when they overlap. */
export function gapBetween(one: Candidate, other: Candidate): number {
  return one.range === null || other.range === null ? Number.POSITIVE_INFINITY : one.range.low - other.range.high;
}
