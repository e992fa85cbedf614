/**
 * The ways out that a plan may use, in the order in which ordinary traffic should: what was decided for, and those that share
 * with it, then what carries traffic, then the rest.
 */
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Decision, DecisionScope } from "../../status.ts";
import { type Candidate, compareCandidates } from "../candidate.ts";
import { candidateOf, type SlottedUplink } from "../connectivity.ts";
import type { PlannedPath } from "./plan.ts";

/**
 * Whatever has an address and a default route of somebody's, or a lease's, with a carrier or without: what a path is routed by does not come
 * and go with its carrier.
 */
export function plannedPaths(
  uplinks: readonly SlottedUplink[],
  decisions: Readonly<Record<DecisionScope, Decision>>,
  drained: readonly UplinkId[] = [],
): readonly PlannedPath[] {
  return families.flatMap((family) => {
    const { uplinkId: chosen, shares } = decisions[family];
    const isOther = ({ candidate }: Ranked) => Number(candidate.uplinkId !== chosen);
    const isDrained = ({ candidate }: Ranked) => Number(drained.includes(candidate.uplinkId));
    const weights = new Map(shares.map(({ uplinkId, weight }) => [uplinkId, weight]));
    return uplinks
      .flatMap((uplink) => rankedPath(uplink, family, weights.get(uplink.status.id)))
      .toSorted(
        (a, b) => isOther(a) - isOther(b) || isDrained(a) - isDrained(b) || compareCandidates(a.candidate, b.candidate),
      )
      .map(({ path }) => path);
  });
}

interface Ranked {
  readonly path: PlannedPath;
  readonly candidate: Candidate;
}

function rankedPath(uplink: SlottedUplink, family: Family, weight: number | undefined): readonly Ranked[] {
  const { status, slot } = uplink;
  const { source, gateway, wayOut, addresses } = status[family];
  if (source === null || wayOut === null) return [];
  const isLeased = wayOut === "lease";
  const path: PlannedPath = { slot, family, ifindex: status.ifindex, source, gateway, addresses, isLeased, weight };
  return [{ path, candidate: candidateOf(status, family) }];
}
