/**
 * What the rest of the node is told: whether the internet was found, every usable path, best first, and the uplinks that
 * traffic takes. While Ropewalk only watches, traffic goes where the kernel's own routes send it, so `active` is the kernel's
 * choice and not ours; a route into a dead link carries nothing and is not active.
 */
import { uplinkMark } from "@ropewalk/host/allocations";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { Connectivity, PathBinding, Reachability } from "@ropewalk/kernel/connectivity";
import type { Decision, DecisionScope, FamilyStatus, UplinkReasonCode, UplinkStatus } from "../status.ts";
import { type Candidate, compareCandidates } from "./candidate.ts";
import type { PathVerdict } from "./health/verdict.ts";
import { noOrders, type Orders, type StandingOrder, standingOrder } from "./orders.ts";

export interface SlottedUplink {
  readonly status: UplinkStatus;
  readonly slot: number;
}

/** Everything but the generation. */
export type ConnectivityContent = Omit<Connectivity, "generation">;

type Decisions = Readonly<Record<DecisionScope, Decision>>;

/** `isComplete` is false while the device of an interface with a way out is still unread: then none is not "offline". */
export function connectivityOf(
  uplinks: readonly SlottedUplink[],
  decisions: Decisions,
  isComplete: boolean,
  orders: Orders = noOrders,
): ConnectivityContent {
  return {
    ipv4: reachability("ipv4", uplinks, isComplete),
    ipv6: reachability("ipv6", uplinks, isComplete),
    active: activeOf(decisions),
    usable: rankedPaths(uplinks, decisions, orders),
  };
}

/** Before anything: nothing seen, nothing known. */
export const nothingSeen: Connectivity = { generation: 0, ipv4: "unknown", ipv6: "unknown", active: {}, usable: [] };

/** An uplink without a route is unknown by itself, and for the node it is no way out. */
function reachability(family: Family, uplinks: readonly SlottedUplink[], isComplete: boolean): Reachability {
  const ways = uplinks.map(({ status }) => status[family]).filter(isUsable);
  if (ways.some(({ state }) => state === "up" || state === "degraded")) return "online";
  if (ways.some(({ state }) => state === "portal")) return "portal";
  return isComplete && ways.every(({ state }) => state === "down") ? "offline" : "unknown";
}

function activeOf(decisions: Decisions): Connectivity["active"] {
  const carriers = (["ipv4", "ipv6", "overall"] as const).flatMap((scope) => {
    const { kernel } = decisions[scope];
    return kernel === null || kernel.isDeadEnd ? [] : [[scope, kernel.uplinkId] as const];
  });
  return Object.fromEntries(carriers);
}

/** Of each family the one that was decided for comes first, so that who takes the first changes when the decision does; drained ones come last. */
function rankedPaths(uplinks: readonly SlottedUplink[], decisions: Decisions, orders: Orders): readonly PathBinding[] {
  const isOther = ({ binding }: RankedPath) => Number(decisions[binding.family].uplinkId !== binding.uplinkId);
  const isDrained = ({ candidate }: RankedPath) => Number(candidate.order === "drained");
  return uplinks
    .flatMap((uplink) => families.flatMap((family) => pathOf(uplink, family, orders)))
    .toSorted(
      (a, b) => isOther(a) - isOther(b) || isDrained(a) - isDrained(b) || compareCandidates(a.candidate, b.candidate),
    )
    .map((path) => path.binding);
}

interface RankedPath {
  readonly binding: PathBinding;
  readonly candidate: Candidate;
}

function pathOf({ status, slot }: SlottedUplink, family: Family, orders: Orders): readonly RankedPath[] {
  const { state, source, gateway, figures } = status[family];
  if (!isUsable(status[family]) || state === "down" || state === "portal" || source === null) return [];
  const binding: PathBinding = {
    uplinkId: status.id,
    name: status.name,
    ifindex: status.ifindex,
    family,
    source,
    gateway,
    mark: uplinkMark(slot),
    mtu: status.mtu,
    metered: status.metered.value,
    state,
    score: figures.score?.total ?? null,
  };
  return [{ binding, candidate: candidateOf(status, family, { order: standingOrder(status.id, orders, undefined) }) }];
}

/** What does not stand in an uplink's status. */
export interface CandidateContext {
  readonly verdictOf?: (family: Family) => Pick<PathVerdict, "range" | "isBreaking"> | undefined;
  readonly order?: StandingOrder | null;
}

/** The uplink as the choice for one family, or for both, sees it. */
export function candidateOf(
  status: UplinkStatus,
  scope: DecisionScope,
  { verdictOf, order = null }: CandidateContext = {},
): Candidate {
  const { id: uplinkId, name, kind } = status;
  const { state, reason } = scope === "overall" ? status : status[scope];
  const measured = scope === "overall" ? measuredFamily(status) : scope;
  const verdict = measured === undefined ? undefined : verdictOf?.(measured);
  return {
    uplinkId,
    name,
    kind,
    metered: status.metered.value,
    metric: metricIn(status, scope),
    state,
    reason,
    score: measured === undefined ? null : (status[measured].figures.score ?? null),
    range: verdict?.range ?? null,
    isBreaking: verdict?.isBreaking ?? false,
    isUsable: scope === "overall" ? families.some((family) => isUsable(status[family])) : isUsable(status[scope]),
    order,
  };
}

const unusable: ReadonlySet<UplinkReasonCode> = new Set([
  "disabled",
  "no-carrier",
  "dormant",
  "no-address",
  "no-route",
]);

/** Carrier, address and route are there, whatever was measured. */
function isUsable({ reason }: FamilyStatus): boolean {
  return !unusable.has(reason.code);
}

function metricIn(status: UplinkStatus, scope: DecisionScope): number | null {
  if (scope !== "overall") return status[scope].metric;
  const metrics = families.map((family) => status[family].metric).filter((metric) => metric !== null);
  return metrics.length === 0 ? null : Math.min(...metrics);
}

/** The family whose state, and so whose score, is the uplink's. */
function measuredFamily(status: UplinkStatus): Family | undefined {
  const isTold = (family: Family) =>
    status[family].state === status.state && status[family].reason.code === status.reason.code;
  return families.find((family) => isTold(family) && (status[family].figures.score?.total ?? null) === status.score);
}
