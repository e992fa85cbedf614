/**
 * What the rest of the node is told: every usable path, best first, and the uplinks that traffic takes. While Ropewalk only
 * watches, traffic goes where the kernel's own routes send it, so `active` is the kernel's choice and not ours; a route into a dead link carries nothing and is not active.
 */
import { uplinkMark } from "@ropewalk/host/allocations";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { Connectivity, PathBinding, Reachability } from "@ropewalk/kernel/connectivity";
import type { Decision, DecisionScope, UplinkStatus } from "../status.ts";
import { type Candidate, compareCandidates } from "./choice.ts";

export interface SlottedUplink {
  readonly status: UplinkStatus;
  readonly slot: number;
}

/** Everything but the generation. */
export type ConnectivityContent = Omit<Connectivity, "generation">;

/** `isComplete` is false while the device of an interface with a way out is still unread: then none is not "offline". */
export function connectivityOf(
  uplinks: readonly SlottedUplink[],
  decisions: Readonly<Record<DecisionScope, Decision>>,
  isComplete: boolean,
): ConnectivityContent {
  const usable = rankedPaths(uplinks);
  return {
    ipv4: reachability("ipv4", usable, isComplete),
    ipv6: reachability("ipv6", usable, isComplete),
    active: activeOf(decisions),
    usable,
  };
}

/** Before anything: nothing seen, nothing known. */
export const nothingSeen: Connectivity = { generation: 0, ipv4: "unknown", ipv6: "unknown", active: {}, usable: [] };

function reachability(family: Family, usable: readonly PathBinding[], isComplete: boolean): Reachability {
  return isComplete && !usable.some((path) => path.family === family) ? "offline" : "unknown";
}

function activeOf(decisions: Readonly<Record<DecisionScope, Decision>>): Connectivity["active"] {
  const carriers = (["ipv4", "ipv6", "overall"] as const).flatMap((scope) => {
    const { kernel } = decisions[scope];
    return kernel === null || kernel.isDeadEnd ? [] : [[scope, kernel.uplinkId] as const];
  });
  return Object.fromEntries(carriers);
}

function rankedPaths(uplinks: readonly SlottedUplink[]): readonly PathBinding[] {
  return uplinks
    .flatMap((uplink) => families.flatMap((family) => pathOf(uplink, family)))
    .toSorted((a, b) => compareCandidates(a.candidate, b.candidate))
    .map((path) => path.binding);
}

function pathOf(
  { status, slot }: SlottedUplink,
  family: Family,
): readonly { readonly binding: PathBinding; readonly candidate: Candidate }[] {
  const { state, source, gateway } = status[family];
  if (state === "down" || source === null) return [];
  const { id: uplinkId, name, ifindex, mtu } = status;
  const metered = status.metered.value;
  const mark = uplinkMark(slot);
  const binding: PathBinding = {
    uplinkId,
    name,
    ifindex,
    family,
    source,
    gateway,
    mark,
    mtu,
    metered,
    state,
    score: null,
  };
  return [{ binding, candidate: candidateOf(status, family) }];
}

/** The uplink as the choice for one family, or for both, sees it. */
export function candidateOf(status: UplinkStatus, scope: DecisionScope): Candidate {
  const { id: uplinkId, name, kind } = status;
  const metered = status.metered.value;
  const seen = scope === "overall" ? status : status[scope];
  const obstacle = seen.state === "down" ? seen.reason.text : undefined;
  return { uplinkId, name, kind, metered, metric: metricIn(status, scope), obstacle };
}

function metricIn(status: UplinkStatus, scope: DecisionScope): number | null {
  if (scope !== "overall") return status[scope].metric;
  const metrics = families.map((family) => status[family].metric).filter((metric) => metric !== null);
  return metrics.length === 0 ? null : Math.min(...metrics);
}
