/**
 * Which routes lead to the internet, and which uplink's route the kernel prefers. Everything here looks at the few
 * routes that `keepRoute` lets through, never at the full table of a router.
 */
import { routingProtocol, routingTables } from "@ropewalk/host/allocations";
import type { RouteFacts } from "@ropewalk/host/facts";
import { mainTable } from "@ropewalk/host/routing";
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import { firstOrdinaryMetric } from "./steering/plan.ts";

/** One next hop of a default route. */
export interface DefaultRoute {
  readonly family: Family;
  readonly ifindex: number;
  readonly table: number;
  /** 0 for the whole address space, 1 for one half of it. */
  readonly length: 0 | 1;
  readonly metric: number;
  readonly gateway: IpAddress | undefined;
  /** Beside those of the route's other next hops. */
  readonly weight: number;
  /** The route has other next hops. */
  readonly isShared: boolean;
  readonly preferredSource: IpAddress | undefined;
  /**
   * `others`: it is in the kernel and shows that there is a way out. `ropewalk`: it is there too, and says where traffic goes, not
   * that there is a way out. `lease`: a lease that Ropewalk got gives it, and it is in no table.
   */
  readonly origin: "others" | "ropewalk" | "lease";
}

/**
 * True for a route that makes its interface a way out: 0.0.0.0/0 or ::/0, and the halves 0.0.0.0/1, 128.0.0.0/1, ::/1
 * and 8000::/1, with which some programs cover a default route without replacing it. In any table, because policy
 * routing keeps one default route a table. And for all that is ours, and all in the tables from which ours are taken: where
 * somebody has routes, we have none. The filter to give to the network watch.
 */
export function keepRoute(route: RouteFacts): boolean {
  const isInOurRange = routingTables.first <= route.table && route.table <= routingTables.last;
  return isWayOut(route) || route.protocol === routingProtocol || isInOurRange;
}

function isWayOut({ type, destination }: RouteFacts): boolean {
  return type === "unicast" && destination.length <= 1;
}

/** Every default route of every interface, by interface. */
export function defaultRoutesByLink(routes: readonly RouteFacts[]): ReadonlyMap<number, readonly DefaultRoute[]> {
  const byLink = new Map<number, DefaultRoute[]>();
  for (const route of routes) {
    if (!isWayOut(route)) continue;
    for (const hop of route.nextHops) {
      if (hop.ifindex === undefined) continue;
      const { family, table, metric, preferredSource, protocol } = route;
      const length = route.destination.length === 0 ? 0 : 1;
      const found = {
        family,
        ifindex: hop.ifindex,
        table,
        length,
        metric,
        gateway: hop.gateway,
        weight: hop.weight,
        isShared: route.nextHops.length > 1,
        preferredSource,
        origin: protocol === routingProtocol ? "ropewalk" : "others",
      } as const;
      const known = byLink.get(hop.ifindex);
      if (known === undefined) byLink.set(hop.ifindex, [found]);
      else known.push(found);
    }
  }
  return byLink;
}

/**
 * The route that stands for the uplink in one family: the main table before any other, the whole space before a half,
 * the lowest metric first, and what only a lease says last. RTNH_F_LINKDOWN is not looked at: the kernel clears it without a word when the carrier is
 * back (fib_sync_up in net/ipv4/fib_semantics.c), so the link's own carrier is the newer fact.
 */
export function bestDefaultRoute(routes: readonly DefaultRoute[], family: Family): DefaultRoute | undefined {
  let best: DefaultRoute | undefined;
  for (const route of routes) {
    if (route.family !== family || route.origin === "ropewalk") continue;
    if (best === undefined || compareForDisplay(route, best) < 0) best = route;
  }
  return best;
}

function compareForDisplay(a: DefaultRoute, b: DefaultRoute): number {
  return (
    Number(a.origin === "lease") - Number(b.origin === "lease") ||
    Number(a.table !== mainTable) - Number(b.table !== mainTable) ||
    a.length - b.length ||
    a.metric - b.metric
  );
}

/**
 * The next hops among `routes` that the kernel takes for ordinary traffic: of the halves of the main table, then of our own route
 * for it, then of the main table's default routes; of those the lower metric, then the order in
 * which they are given. Several share the traffic by their weights.
 */
export function kernelRoutes(routes: Iterable<DefaultRoute>, family: Family): readonly DefaultRoute[] {
  const candidates = [...routes].filter((route) => route.family === family && isForOrdinaryTraffic(route));
  const [best] = candidates.toSorted(compareForLookup);
  if (best?.isShared !== true) return best === undefined ? [] : [best];
  return candidates.filter((route) => route.isShared && compareForLookup(route, best) === 0);
}

/** Of ours, those of an uplink alone are told by their metric. */
function isForOrdinaryTraffic({ origin, metric, table }: DefaultRoute): boolean {
  switch (origin) {
    case "others":
      return table === mainTable;
    case "ropewalk":
      return metric >= firstOrdinaryMetric;
    case "lease":
      return false;
  }
}

function compareForLookup(a: DefaultRoute, b: DefaultRoute): number {
  return (
    b.length - a.length || Number(b.origin === "ropewalk") - Number(a.origin === "ropewalk") || a.metric - b.metric
  );
}
