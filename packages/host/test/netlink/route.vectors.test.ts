/** Routes and nexthop objects as the kernel really sent them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { capturedEvents } from "./captures.ts";

function onlyRoute(command: string) {
  const events = capturedEvents(command);
  assert.equal(events.length, 1);
  const [event] = events;
  if (event === undefined || (event.kind !== "route" && event.kind !== "route-removed")) throw new Error("no route");
  return event;
}

function hop(gateway: string | undefined, weight = 1) {
  return { ifindex: 3, gateway, weight, isDead: false };
}

test("a default route with protocol, metric and preferred source", () => {
  const { kind, route } = onlyRoute("ip route add default via 192.0.2.1 dev va proto dhcp metric 100 src 192.0.2.2");
  assert.equal(kind, "route");
  assert.deepEqual(route, {
    facts: {
      family: "ipv4",
      table: 254,
      destination: { address: "0.0.0.0", length: 0 },
      type: "unicast",
      protocol: 16,
      metric: 100,
      preferredSource: "192.0.2.2",
      nextHops: [hop("192.0.2.1")],
      nextHopId: undefined,
    },
    tos: 0,
    source: undefined,
  });
});

test("a replaced route says that it replaces, an added one does not", () => {
  const replaced = onlyRoute("ip route replace default via 192.0.2.3 dev va metric 100");
  const added = onlyRoute("ip route add 10.1.0.0/16 via inet6 2001:db8::1 dev va");
  assert.equal(replaced.kind === "route" && replaced.isReplacement, true);
  assert.equal(added.kind === "route" && added.isReplacement, false);
});

test("a multipath route has the weights that were given", () => {
  const command = "ip route add 10.0.0.0/8 nexthop via 192.0.2.1 dev va weight 3 nexthop via 192.0.2.4 dev va";
  assert.deepEqual(onlyRoute(command).route.facts.nextHops, [hop("192.0.2.1", 3), hop("192.0.2.4")]);
});

test("an IPv4 route by an IPv6 neighbour (RTA_VIA)", () => {
  const { route } = onlyRoute("ip route add 10.1.0.0/16 via inet6 2001:db8::1 dev va");
  assert.equal(route.facts.family, "ipv4");
  assert.deepEqual(route.facts.nextHops, [hop("2001:db8::1")]);
});

test("an unreachable route leaves by no interface", () => {
  const { route } = onlyRoute("ip route add unreachable default metric 4278198272");
  assert.equal(route.facts.type, "unreachable");
  assert.equal(route.facts.metric, 4_278_198_272);
  assert.deepEqual(route.facts.nextHops, [{ ifindex: undefined, gateway: undefined, weight: 1, isDead: false }]);
});

test("a table above 255 and a type of service", () => {
  const { route } = onlyRoute("ip route add 203.0.113.0/24 via 192.0.2.1 table 4242 tos 0x10");
  assert.equal(route.facts.table, 4242);
  assert.equal(route.tos, 0x10);
});

test("an IPv6 route that gains a next hop is told whole, one that loses one is told as that one", () => {
  const grown = onlyRoute("ip -6 route append default via 2001:db8::9 dev va metric 20");
  const shrunk = onlyRoute("ip -6 route del default via 2001:db8::1 dev va metric 20");
  assert.deepEqual(grown.route.facts.nextHops, [hop("2001:db8::9"), hop("2001:db8::1")]);
  assert.equal(grown.kind === "route" && grown.isReplacement, false);
  assert.equal(shrunk.kind, "route-removed");
  assert.deepEqual(shrunk.route.facts.nextHops, [hop("2001:db8::1")]);
});

test("nexthop objects: single, blackhole and group", () => {
  assert.deepEqual(capturedEvents("ip nexthop add id 5 via 192.0.2.1 dev va"), [
    { kind: "next-hop", nextHop: { kind: "single", id: 5, ifindex: 3, gateway: "192.0.2.1" } },
  ]);
  assert.deepEqual(capturedEvents("ip nexthop add id 9 blackhole"), [
    { kind: "next-hop", nextHop: { kind: "single", id: 9, ifindex: undefined, gateway: undefined } },
  ]);
  const members = [
    { id: 5, weight: 3 },
    { id: 6, weight: 1 },
  ];
  assert.deepEqual(capturedEvents("ip nexthop add id 7 group 5,3/6"), [
    { kind: "next-hop", nextHop: { kind: "group", id: 7, members } },
  ]);
});

test("a route by a nexthop object names it, and the kernel does not tell that the route goes with the object", () => {
  const { route } = onlyRoute("ip route add 10.2.0.0/16 nhid 7");
  assert.equal(route.facts.nextHopId, 7);
  assert.deepEqual(route.facts.nextHops, [hop("192.0.2.1", 3), hop("192.0.2.5")]);
  assert.deepEqual(capturedEvents("ip nexthop del id 7"), [{ kind: "next-hop-removed", id: 7 }]);
});
