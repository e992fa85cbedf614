/** Which route an event means, and when only reading all routes again can tell. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NextHopFacts, RouteFacts } from "@ropewalk/host/facts";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { ObservedRoute } from "../../src/tables/network-event.ts";
import { RouteTable } from "../../src/tables/route-table.ts";

const hop = (gateway: string, ifindex = 2): NextHopFacts => ({
  ifindex,
  gateway: ipAddress(gateway),
  weight: 1,
  isDead: false,
});

function route(change: Partial<RouteFacts> & { readonly nextHops: readonly NextHopFacts[] }, tos = 0): ObservedRoute {
  const facts: RouteFacts = {
    family: "ipv4",
    table: 254,
    destination: { address: ipAddress("0.0.0.0"), length: 0 },
    type: "unicast",
    protocol: 16,
    metric: 100,
    preferredSource: undefined,
    nextHopId: undefined,
    ...change,
  };
  return { facts, tos, source: undefined };
}

const ipv6 = { family: "ipv6", destination: { address: ipAddress("::"), length: 0 } } as const;

function table(keepRoute: (route: RouteFacts) => boolean = () => true): RouteTable {
  return new RouteTable(keepRoute, () => undefined);
}

function gateways(routes: RouteTable): readonly unknown[] {
  return routes.snapshot().map(({ nextHops }) => nextHops.map(({ gateway }) => gateway).join(" "));
}

test("routes that differ in table, metric or type of service are routes of their own", () => {
  const routes = table();
  const base = { nextHops: [hop("192.0.2.1")] };
  for (const other of [route(base), route({ ...base, metric: 5 }), route({ ...base, table: 9 }), route(base, 16)]) {
    assert.deepEqual(routes.set(other, false).isDoubtful, false);
  }
  assert.equal(routes.snapshot().length, 4);
});

test("a route told twice changes nothing", () => {
  const routes = table();
  const same = route({ nextHops: [hop("192.0.2.1")] });
  assert.equal(routes.set(same, false).changed.length, 1);
  assert.deepEqual(routes.set(same, false), { changed: [], isDoubtful: false });
});

test("an appended IPv4 route stands beside the first", () => {
  const routes = table();
  routes.set(route({ nextHops: [hop("192.0.2.1")] }), false);
  routes.set(route({ nextHops: [hop("192.0.2.2")] }), false);
  assert.deepEqual(gateways(routes), ["192.0.2.1", "192.0.2.2"]);
});

test("a replaced route takes the place of the old one, and is doubted, since it may have been another's", () => {
  const routes = table();
  routes.set(route({ nextHops: [hop("192.0.2.1")] }), false);
  const { changed, isDoubtful } = routes.set(route({ nextHops: [hop("192.0.2.2")] }), true);
  assert.equal(isDoubtful, true);
  assert.equal(changed.length, 2);
  assert.deepEqual(gateways(routes), ["192.0.2.2"]);
});

test("replacing a route that is not kept by another that is not kept is nobody's business", () => {
  const routes = table(() => false);
  assert.deepEqual(routes.set(route({ nextHops: [hop("192.0.2.1")] }), true), { changed: [], isDoubtful: false });
  assert.deepEqual(routes.remove(route({ nextHops: [hop("192.0.2.1")] })), { changed: [], isDoubtful: false });
});

test("a kept route that is replaced by one that is not kept is gone", () => {
  const routes = table(({ nextHops }) => nextHops[0]?.gateway === "192.0.2.1");
  routes.set(route({ nextHops: [hop("192.0.2.1")] }), false);
  assert.equal(routes.set(route({ nextHops: [hop("192.0.2.2")] }), true).changed.length, 1);
  assert.deepEqual(gateways(routes), []);
});

test("of two like routes the one that is told removed is removed", () => {
  const routes = table();
  routes.set(route({ nextHops: [hop("192.0.2.1")] }), false);
  routes.set(route({ nextHops: [hop("192.0.2.2")] }), false);
  assert.equal(routes.remove(route({ nextHops: [hop("192.0.2.1")] })).isDoubtful, false);
  assert.deepEqual(gateways(routes), ["192.0.2.2"]);
});

test("an IPv6 route that gains a next hop stays one route", () => {
  const routes = table();
  routes.set(route({ ...ipv6, nextHops: [hop("2001:db8::1")] }), false);
  assert.equal(
    routes.set(route({ ...ipv6, nextHops: [hop("2001:db8::1"), hop("2001:db8::2")] }), false).isDoubtful,
    true,
  );
  assert.deepEqual(gateways(routes), ["2001:db8::1 2001:db8::2"]);
});

test("an IPv6 multipath route that loses one next hop is doubted and stays until it is read again", () => {
  const routes = table();
  routes.set(route({ ...ipv6, nextHops: [hop("2001:db8::1"), hop("2001:db8::2")] }), false);
  assert.deepEqual(routes.remove(route({ ...ipv6, nextHops: [hop("2001:db8::1")] })), {
    changed: [],
    isDoubtful: true,
  });
  const fresh = table();
  fresh.set(route({ ...ipv6, nextHops: [hop("2001:db8::2")] }), false);
  assert.equal(routes.adopt(fresh).length, 2);
  assert.deepEqual(gateways(routes), ["2001:db8::2"]);
});

test("IPv6 routes of two devices to the same network are two routes", () => {
  const routes = table();
  const link = (ifindex: number) => ({ ifindex, gateway: undefined, weight: 1, isDead: false });
  routes.set(route({ ...ipv6, nextHops: [link(2)] }), false);
  assert.equal(routes.set(route({ ...ipv6, nextHops: [link(3)] }), false).isDoubtful, false);
  assert.equal(routes.snapshot().length, 2);
});

test("reading the same again changes nothing, and keeps the very objects", () => {
  const routes = table();
  const fresh = table();
  for (const one of [routes, fresh]) {
    one.set(route({ nextHops: [hop("192.0.2.1")] }), false);
    one.set(route({ metric: 5, nextHops: [hop("192.0.2.1")] }), false);
  }
  const before = routes.snapshot();
  assert.deepEqual(routes.adopt(fresh), []);
  assert.equal(routes.snapshot()[0], before[0]);
});
