/** The ways out that leases give of which Ropewalk itself is the client: nobody puts their routes into the kernel, and the plan does. */
import type { AddressFacts } from "@ropewalk/host/facts";
import type { DefaultRoute } from "./default-routes.ts";
import type { ResolverFacts } from "./resolver-facts.ts";
import { isInForce } from "./resolvers.ts";

type RoutesByLink = ReadonlyMap<number, readonly DefaultRoute[]>;

/** `routes`, and behind them what leases in force give; `routes` itself when that is nothing. */
export function withLeasedRoutes(
  routes: RoutesByLink,
  resolvers: ReadonlyMap<number, ResolverFacts>,
  addresses: ReadonlyMap<number, readonly AddressFacts[]>,
): RoutesByLink {
  const leased = [...resolvers].flatMap(([ifindex, { lease }]) => {
    if (!isInForce(lease, addresses.get(ifindex) ?? []) || lease.wayOut === undefined) return [];
    return [leasedRoute(ifindex, lease.wayOut.gateway)];
  });
  if (leased.length === 0) return routes;
  const all = new Map(routes);
  for (const route of leased) all.set(route.ifindex, [...(all.get(route.ifindex) ?? []), route]);
  return all;
}

function leasedRoute(ifindex: number, gateway: DefaultRoute["gateway"]): DefaultRoute {
  return {
    ...{ family: "ipv4", ifindex, gateway, origin: "lease" },
    ...{ table: 0, length: 0, metric: 0, weight: 1, isShared: false, preferredSource: undefined },
  };
}
