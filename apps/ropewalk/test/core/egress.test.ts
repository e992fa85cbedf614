/** By which ways an exit reaches the outside, and when they are others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AddressFacts, LinkFacts, RouteFacts } from "@ropewalk/host/facts";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { bytes } from "@ropewalk/kernel/units";
import { egressOf, familiesWithoutWay } from "../../src/compose/core/egress.ts";

function link(ifindex: number, name: string): readonly [number, LinkFacts] {
  const nothing = { mac: undefined, permanentMac: undefined, virtualKind: undefined, master: undefined };
  const up = { isEnabled: true, hasCarrier: true, isDormant: false };
  return [
    ifindex,
    {
      ifindex,
      name,
      mtu: bytes(1500),
      hardwareType: 1,
      ...nothing,
      ...up,
      lower: undefined,
      carrierChangedAt: undefined,
    },
  ];
}

function address(ifindex: number, text: string): AddressFacts {
  const flags = { isTentative: false, isDeprecated: false, isSecondary: false };
  const family = text.includes(":") ? "ipv6" : "ipv4";
  return { ifindex, family, address: ipAddress(text), prefixLength: 24, scope: "global", ...flags };
}

function defaultRoute(ifindex: number, gateway: string): RouteFacts {
  const isIpv6 = gateway.includes(":");
  return {
    ...{ family: isIpv6 ? "ipv6" : "ipv4", table: 254, type: "unicast", protocol: 3, metric: 0 },
    destination: { address: ipAddress(isIpv6 ? "::" : "0.0.0.0"), length: 0 },
    ...{ preferredSource: undefined, nextHopId: undefined },
    nextHops: [{ ifindex, gateway: ipAddress(gateway), weight: 1, isDead: false }],
  };
}

const links = new Map([link(2, "wan0"), link(3, "wg0")]);
const facts = {
  links,
  addresses: [address(2, "203.0.113.2"), address(3, "10.90.0.1")],
  routes: [defaultRoute(2, "203.0.113.1")],
};

test("a family without a default route is told; one that leads into the tunnel is none", () => {
  assert.deepEqual(familiesWithoutWay(facts, "wg0", ["ipv4", "ipv6"]), ["ipv6"]);
  const intoTunnel = { ...facts, routes: [...facts.routes, defaultRoute(3, "fd90::1")] };
  assert.deepEqual(familiesWithoutWay(intoTunnel, "wg0", ["ipv4", "ipv6"]), ["ipv6"]);
});

test("another address or gateway is another way out, and what the tunnel has is not", () => {
  const before = egressOf(facts, "wg0");
  assert.equal(egressOf({ ...facts, addresses: facts.addresses.toReversed() }, "wg0"), before);
  assert.equal(egressOf({ ...facts, addresses: [...facts.addresses, address(3, "10.91.0.1")] }, "wg0"), before);
  assert.notEqual(egressOf({ ...facts, addresses: [address(2, "203.0.113.9")] }, "wg0"), before);
  assert.notEqual(egressOf({ ...facts, routes: [defaultRoute(2, "203.0.113.254")] }, "wg0"), before);
});
