/**
 * In balance mode: which uplinks share ordinary traffic with the one that was decided for, and in which proportion. Weights are
 * coarse and keep their value while the scores move a little, or chance and queues may explain that they moved, for each change
 * of them may move flows that have no source yet.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Decision, Share } from "../status.ts";
import { type Candidate, isUnjudged, standingOf } from "./candidate.ts";
import type { Mode } from "./health/health-config.ts";

/** The best score's weight; another's is its share of that score, in steps of a tenth. */
export const topWeight = 10;

/** A weight is kept while what the score may be says one that is nearer than this. */
const kept = 0.75;

/**
 * The decision with those who share, and with words for it. `before` are the shares until now; before the first of them, those
 * that an earlier run left in the kernel.
 */
export function withShares(
  decision: Decision,
  candidates: readonly Candidate[],
  before: readonly Share[],
  mode: Mode,
): Decision {
  const { kernel } = decision;
  const known = before.length === 0 && kernel?.isOurs === true ? kernel.shares : before;
  const shares = mode === "balance" ? sharesOf(decision.uplinkId, candidates, known) : [];
  if (shares.length === 0) return decision;
  const isSharer = (id: UplinkId) => shares.some(({ uplinkId }) => uplinkId === id);
  const { reason, rejected } = decision;
  return {
    ...decision,
    reason: `${reason}; traffic is shared by score: ${sharesText(shares)}`,
    rejected: rejected.filter(({ uplinkId }) => !isSharer(uplinkId)),
    shares,
  };
}

/** "wan0 60 %, wan1 40 %". */
export function sharesText(shares: readonly Pick<Share, "name" | "percent">[]): string {
  return shares.map(({ name, percent }) => `${name} ${percent} %`).join(", ");
}

/** Most first, then by name; none when the one that was decided for takes everything. */
function sharesOf(
  chosenId: UplinkId | null,
  candidates: readonly Candidate[],
  before: readonly Share[],
): readonly Share[] {
  const chosen = candidates.find(({ uplinkId }) => uplinkId === chosenId);
  const isBefore = (one: Candidate) => before.some(({ uplinkId }) => uplinkId === one.uplinkId);
  // Who shared before a start goes on until the first probes are back.
  const isFit = (one: Candidate) => isSound(one) || (isUnjudged(one) && isBefore(one));
  // Whoever is ordered to be used is used alone, and a drained one is a last resort for everything.
  if (chosen === undefined || !isFit(chosen) || chosen.order !== null) return [];
  const sharers = candidates.filter((one) => isFit(one) && one.order !== "drained" && isAffordable(one, chosen));
  if (sharers.length < 2) return [];
  const top = topOf(sharers);
  const weights = sharers.map((sharer) => {
    const { uplinkId, name } = sharer;
    const known = before.find((share) => share.uplinkId === uplinkId)?.weight;
    return { uplinkId, name, weight: weightOf(sharer, top, known) };
  });
  return withPercent(weights.toSorted((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1)));
}

/** Adds to each how much of a hundred its weight is. */
export function withPercent<T extends { readonly weight: number }>(
  ways: readonly T[],
): readonly (T & { readonly percent: number })[] {
  const whole = ways.reduce((sum, { weight }) => sum + weight, 0);
  return ways.map((way) => ({ ...way, percent: Math.round((100 * way.weight) / whole) }));
}

/** Every kind of traffic passes, though it may be slow. */
function isSound(candidate: Candidate): boolean {
  const standing = standingOf(candidate);
  return standing === "up" || standing === "degraded";
}

/** What is known to cost by volume carries something only when the choice itself came to that. */
function isAffordable(one: Candidate, chosen: Candidate): boolean {
  return one.metered !== true || chosen.metered === true;
}

/** A score, and between what it may be. */
interface Estimate {
  readonly low: number;
  readonly total: number;
  readonly high: number;
}

/** Undefined when nothing was measured. */
function estimateOf({ score, range }: Candidate): Estimate | undefined {
  if (score === null) return undefined;
  const { total } = score;
  return { total, low: Math.min(range?.low ?? total, total), high: Math.max(range?.high ?? total, total) };
}

/** The best of each. */
function topOf(sharers: readonly Candidate[]): Estimate {
  const estimates = sharers.map(estimateOf).filter((one) => one !== undefined);
  const best = (key: keyof Estimate) => Math.max(0, ...estimates.map((one) => one[key]));
  return { low: best("low"), total: best("total"), high: best("high") };
}

function weightOf(sharer: Candidate, top: Estimate, known: number | undefined): number {
  const own = estimateOf(sharer);
  if (own === undefined) return known ?? topWeight;
  const lowest = weightFor(own.low, top.high);
  const highest = weightFor(own.high, top.low);
  if (known !== undefined && known > lowest - kept && known < highest + kept) return known;
  return Math.max(1, Math.round(weightFor(own.total, top.total)));
}

function weightFor(total: number, top: number): number {
  return top > 0 ? Math.min(topWeight, (topWeight * total) / top) : topWeight;
}
