/**
 * What a snapshot tells a node that it is to have, in one transaction with the node's counter locked. Whom it names may last as long as if
 * he were ordered now.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { type LeaseTerms, reachOf } from "./lease-terms.ts";
import type { NodeId } from "./node-fitness.ts";
import { isWanted, type Placement } from "./vpn-placement.ts";

/** Of these placements those that the node is told of, as they become. */
export function namedBySnapshot(
  placements: readonly Placement[],
  node: NodeId,
  now: Millis,
  terms: LeaseTerms,
): readonly Placement[] {
  return placements
    .filter((placement) => placement.node === node && isWanted(placement))
    .map((placement) => ({ ...placement, mayLastUntil: reachOf(now, terms) }));
}
