/**
 * Which next hop to a destination is used, and which are kept: by distance, by what was delivered over them, by cost and by
 * class. The one in use stays until another is clearly better. A neighbour that says that it is near and delivers nothing
 * loses to one that is far and does.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";
import { classRank, type TransportClass } from "./transport-class.ts";

export interface RatedNextHop {
  readonly link: LinkId;
  /** The neighbour at its other end: links to the same one are no ways apart from each other. */
  readonly peer: MeshAddress;
  /** To the destination, over it. */
  readonly hops: number;
  /** Share of what it delivered, 0…1. */
  readonly score: number;
  readonly bypassedUntil: Millis;
  readonly cost: number;
  readonly class: TransportClass;
}

/** Another must be so much better to take the place of the one in use. */
const clearlyBetter = 0.8;
const leastScore = 1 / 64;
/** What a class is worth in hops, from the best: a poor link is taken to spare several good ones at most. */
const classHops = [0, 1, 4, 8];
const hopsOfCost = 1 / 50;

/** How good it is: the less, the better. In hops, as if each attempt that fails were made again. */
export function nextHopWeight({ hops, score, cost, class: of }: RatedNextHop): number {
  return (hops + cost * hopsOfCost + (classHops[classRank(of)] ?? 0)) / Math.max(leastScore, score);
}

/**
 * The one to use; undefined where there is none. Those that are bypassed are used only where all are: then whose time is over
 * the soonest.
 */
export function chooseNextHop<Hop extends RatedNextHop>(
  candidates: readonly Hop[],
  inUse: LinkId | undefined,
  now: Millis,
): Hop | undefined {
  const ranked = rankNextHops(candidates, now);
  const [best] = ranked;
  const current = ranked.find(({ link }) => link === inUse);
  if (best === undefined || current === undefined || current.bypassedUntil > now) return best;
  return nextHopWeight(best) < nextHopWeight(current) * clearlyBetter ? best : current;
}

/** From the best to the poorest. The same for the same candidates, in whatever order they come. */
export function rankNextHops<Hop extends RatedNextHop>(candidates: readonly Hop[], now: Millis): readonly Hop[] {
  const bypassOf = ({ bypassedUntil }: Hop) => Math.max(0, bypassedUntil - now);
  return candidates.toSorted(
    (one, other) =>
      bypassOf(one) - bypassOf(other) || nextHopWeight(one) - nextHopWeight(other) || one.link - other.link,
  );
}

/**
 * Those worth keeping, no more than `most`, at least 2, from the best: the best of the neighbour that is best, the best of
 * another one, and then whichever are best. As long as two neighbours lead there, two are kept that do.
 */
export function keptNextHops<Hop extends RatedNextHop>(
  candidates: readonly Hop[],
  most: number,
  now: Millis,
): readonly Hop[] {
  const ranked = rankNextHops(candidates, now);
  const kept = ranked.slice(0, Math.max(2, most));
  const second = ranked.find(({ peer }) => peer !== ranked[0]?.peer);
  if (second === undefined || kept.includes(second)) return kept;
  return [...kept.slice(0, -1), second];
}
