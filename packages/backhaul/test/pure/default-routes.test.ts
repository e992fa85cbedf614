/** Which routes count, and which of them the kernel takes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bestDefaultRoute, defaultRoutesByLink, keepRoute, kernelRoutes } from "@ropewalk/backhaul/pure/default-routes";
import { routingProtocol } from "@ropewalk/host/allocations";
import { routeFacts } from "./facts-fixture.ts";

test("default routes and halves of the address space count, in any table; other prefixes and kinds of route do not", () => {
  for (const to of ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"]) {
    assert.equal(keepRoute(routeFacts({ to, table: 100 })), true, to);
  }
  assert.equal(keepRoute(routeFacts({ to: "10.0.0.0/8" })), false);
  assert.equal(keepRoute(routeFacts({ type: "unreachable" })), false);
  const isKept = (table: number) => keepRoute(routeFacts({ to: "10.0.0.0/8", table }));
  assert.deepEqual(
    [99, 100, 200, 201].map(isKept),
    [false, true, true, false],
    "a table with somebody's routes is his",
  );
});

test("each next hop of a multipath route makes its interface a way out, and one without an interface makes none", () => {
  const hop = { gateway: undefined, weight: 1, isDead: false };
  const nextHops = [
    { ...hop, ifindex: 2 },
    { ...hop, ifindex: 3 },
    { ...hop, ifindex: undefined },
  ];
  assert.deepEqual([...defaultRoutesByLink([routeFacts({ nextHops })]).keys()], [2, 3]);
});

test("an uplink is shown by its route of the main table before any other, then by the lowest metric", () => {
  const routes = [
    routeFacts({ via: "192.0.2.3", table: 100, metric: 1 }),
    routeFacts({ via: "192.0.2.2", metric: 200 }),
    routeFacts({ via: "192.0.2.1", metric: 100 }),
    routeFacts({ to: "::/0", via: "fe80::1", metric: 1 }),
  ];
  const own = defaultRoutesByLink(routes).get(2) ?? [];
  assert.equal(bestDefaultRoute(own, "ipv4")?.gateway, "192.0.2.1");
  assert.equal(bestDefaultRoute(own, "ipv6")?.gateway, "fe80::1");
});

test("the kernel takes the lowest metric of the main table, and half of the address space before the whole", () => {
  const all = [
    routeFacts({ ifindex: 2, metric: 200 }),
    routeFacts({ ifindex: 3, metric: 100 }),
    routeFacts({ ifindex: 4, metric: 0, table: 100 }),
  ];
  const taken = (routes: typeof all) =>
    kernelRoutes([...defaultRoutesByLink(routes).values()].flat(), "ipv4")[0]?.ifindex;
  assert.equal(taken(all), 3);
  assert.equal(taken([...all, routeFacts({ ifindex: 5, to: "0.0.0.0/1", metric: 900 })]), 5);
  assert.equal(taken([]), undefined);
});

test("of a route with several next hops the kernel takes them all, with their weights", () => {
  const hop = (ifindex: number, weight: number) => ({ ifindex, gateway: undefined, weight, isDead: false });
  const all = [
    routeFacts({ ifindex: 5, metric: 200 }),
    routeFacts({ metric: 100, nextHops: [hop(2, 3), hop(3, 7)] }),
    routeFacts({ ifindex: 4, metric: 100 }),
  ];
  const taken = kernelRoutes([...defaultRoutesByLink(all).values()].flat(), "ipv4");
  assert.deepEqual(
    taken.map(({ ifindex, weight }) => [ifindex, weight]),
    [
      [2, 3],
      [3, 7],
    ],
  );
});

test("a route of ours makes no way out, and in the table for ordinary traffic it goes before the main table's default route", () => {
  const ours = { protocol: routingProtocol };
  const all = [
    routeFacts({ ifindex: 2, metric: 0 }),
    routeFacts({ ifindex: 3, metric: 1, table: 100, ...ours }),
    routeFacts({ ifindex: 4, metric: 10, table: 200, ...ours }),
    routeFacts({ ifindex: 3, metric: 20, table: 200, ...ours }),
  ];
  const taken = (routes: typeof all) =>
    kernelRoutes([...defaultRoutesByLink(routes).values()].flat(), "ipv4")[0]?.ifindex;
  assert.equal(taken(all), 4);
  assert.equal(taken(all.toSpliced(2, 1)), 3, "the next that is armed");
  assert.equal(taken(all.slice(0, 2)), 2, "what only an uplink's own traffic takes is no way for the rest");
  assert.equal(taken([...all, routeFacts({ ifindex: 5, to: "0.0.0.0/1", metric: 900 })]), 5, "a VPN's half");
  assert.equal(bestDefaultRoute(defaultRoutesByLink(all).get(3) ?? [], "ipv4"), undefined);
});
