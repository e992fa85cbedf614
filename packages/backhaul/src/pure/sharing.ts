/**
 * In balance mode: which uplinks share ordinary traffic with the one that was decided for, and in which proportion. Weights are
 * coarse, and one moves only when its score has asked for another for a while, for each change may move flows without a source.
 */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Decision, Share } from "../status.ts";
import { type Candidate, isUnjudged, standingOf, topScore } from "./candidate.ts";
import type { ChoiceConfig, Mode } from "./health/health-config.ts";

/** The best score's weight; another's is its share of that score, in steps of a tenth. */
export const topWeight = 10;

/** A score asks for another weight when it says one that is further away than this. */
const kept = 0.75;

/** The uplink's score has asked for another weight without a gap since then. Plain JSON. */
export interface Shift {
  readonly uplinkId: UplinkId;
  readonly since: Millis;
}

export interface Sharing {
  /** With those who share, and with words for it. */
  readonly decision: Decision;
  readonly shifts: readonly Shift[];
  /** When to be asked again if nothing else happens. */
  readonly deadline: Millis | undefined;
}

export interface SharingBefore {
  readonly shares: readonly Share[];
  readonly shifts: readonly Shift[];
}

export interface SharingConfig {
  readonly mode: Mode;
  readonly choice: Pick<ChoiceConfig, "betterFor">;
}

/** Before the first shares count those that an earlier run left in the kernel. */
export function withShares(
  decision: Decision,
  candidates: readonly Candidate[],
  { shares, shifts }: SharingBefore,
  now: Millis,
  { mode, choice }: SharingConfig,
): Sharing {
  const { kernel, uplinkId, reason, rejected } = decision;
  const before = shares.length === 0 && kernel?.isOurs === true ? kernel.shares : shares;
  const sharers = mode === "balance" ? sharersOf(uplinkId, candidates, before) : [];
  if (sharers.length < 2) return { decision, shifts: [], deadline: undefined };
  const weighed = weigh(sharers, before, shifts, now, choice.betterFor);
  const after = withPercent(weighed.map(({ share }) => share)).toSorted(byWeight);
  const open = weighed.flatMap(({ shift }) => (shift === undefined ? [] : [shift]));
  const deadlines = open.map(({ since }) => since + choice.betterFor);
  return {
    decision: {
      ...decision,
      reason: `${reason}; traffic is shared by score: ${sharesText(after)}`,
      rejected: rejected.filter((loser) => !after.some((share) => share.uplinkId === loser.uplinkId)),
      shares: after,
    },
    shifts: open,
    deadline: deadlines.length === 0 ? undefined : millis(Math.min(...deadlines)),
  };
}

/** "wan0 60 %, wan1 40 %". */
function sharesText(shares: readonly Pick<Share, "name" | "percent">[]): string {
  return shares.map(({ name, percent }) => `${name} ${percent} %`).join(", ");
}

/** Adds to each how much of a hundred its weight is. */
export function withPercent<T extends { readonly weight: number }>(
  ways: readonly T[],
): readonly (T & { readonly percent: number })[] {
  const whole = ways.reduce((sum, { weight }) => sum + weight, 0);
  return ways.map((way) => ({ ...way, percent: Math.round((100 * way.weight) / whole) }));
}

/** Most first, then by name. */
function byWeight(a: Share, b: Share): number {
  return b.weight - a.weight || (a.name < b.name ? -1 : 1);
}

function sharersOf(
  chosenId: UplinkId | null,
  candidates: readonly Candidate[],
  before: readonly Share[],
): readonly Candidate[] {
  const chosen = candidates.find(({ uplinkId }) => uplinkId === chosenId);
  const isBefore = (one: Candidate) => before.some(({ uplinkId }) => uplinkId === one.uplinkId);
  // Who shared before a start goes on until the first probes are back.
  const isFit = (one: Candidate) => isSound(one) || (isUnjudged(one) && isBefore(one));
  // Whoever is ordered to be used is used alone, and a drained one is a last resort for everything.
  if (chosen === undefined || !isFit(chosen) || chosen.order !== null) return [];
  return candidates.filter((one) => isFit(one) && one.order !== "drained" && isAffordable(one, chosen));
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

function weightFor(total: number, top: number): number {
  return top > 0 ? Math.max(1, (topWeight * total) / top) : topWeight;
}

interface Weighed {
  readonly share: Omit<Share, "percent">;
  /** While another weight is asked for and does not count yet. */
  readonly shift: Shift | undefined;
}

function weigh(
  sharers: readonly Candidate[],
  before: readonly Share[],
  shifts: readonly Shift[],
  now: Millis,
  hold: Millis,
): readonly Weighed[] {
  const top = topScore(sharers);
  return sharers.map(({ uplinkId, name, score }): Weighed => {
    const known = before.find((share) => share.uplinkId === uplinkId)?.weight;
    // What was not measured is as good as the best, or as it was.
    const exact = score === null ? (known ?? topWeight) : weightFor(score.total, top);
    const asked = Math.round(exact);
    if (known === undefined) return { share: { uplinkId, name, weight: asked }, shift: undefined };
    if (Math.abs(exact - known) < kept) return { share: { uplinkId, name, weight: known }, shift: undefined };
    const since = shifts.find((shift) => shift.uplinkId === uplinkId)?.since ?? now;
    const isDue = now >= since + hold;
    return {
      share: { uplinkId, name, weight: isDue ? asked : known },
      shift: isDue ? undefined : { uplinkId, since },
    };
  });
}
