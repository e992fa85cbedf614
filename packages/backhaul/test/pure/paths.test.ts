/** Source, gateway and state of one uplink in one family. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultRoutesByLink } from "@ropewalk/backhaul/pure/default-routes";
import { familyStatus } from "@ropewalk/backhaul/pure/paths";
import type { FamilyStatus } from "@ropewalk/backhaul/status";
import type { AddressFacts, LinkFacts, RouteFacts } from "@ropewalk/host/facts";
import type { Family } from "@ropewalk/kernel/addresses";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { addressFacts, linkFacts, routeFacts } from "./facts-fixture.ts";

function status(
  family: Family,
  addresses: readonly AddressFacts[],
  routes: readonly RouteFacts[],
  link: Partial<LinkFacts> = {},
): FamilyStatus {
  return familyStatus(linkFacts(link), family, addresses, defaultRoutesByLink(routes).get(2) ?? [], undefined);
}

const address = addressFacts("192.0.2.7/24");
const route = routeFacts({ via: "192.0.2.1", metric: 100 });

test("with carrier, address and route a path can be measured: it is probing", () => {
  const { state, reason, source, gateway, metric, network } = status("ipv4", [address], [route]);
  assert.deepEqual([state, reason.code], ["probing", "starting"]);
  assert.deepEqual({ source, gateway, metric }, { source: "192.0.2.7", gateway: "192.0.2.1", metric: 100 });
  assert.deepEqual(network, { address: "192.0.2.0", length: 24 });
});

test("a path is down for the first thing that is missing, and says what", () => {
  const codes = [
    status("ipv4", [address], [route], { isEnabled: false, hasCarrier: false }),
    status("ipv4", [address], [route], { hasCarrier: false, isDormant: true }),
    status("ipv4", [address], [route], { isDormant: true }),
    status("ipv4", [], [route]),
    status("ipv4", [address], []),
  ].map(({ state, reason }) => `${state} ${reason.code}`);
  assert.deepEqual(codes, ["down disabled", "down no-carrier", "down dormant", "down no-address", "unknown no-route"]);
});

test("a point-to-point default route needs no gateway", () => {
  const { state, gateway } = status("ipv4", [address], [routeFacts()]);
  assert.deepEqual({ state, gateway }, { state: "probing", gateway: null });
});

test("a next hop that the kernel still calls dead does not keep a path with carrier down", () => {
  const nextHops = [{ ifindex: 2, gateway: ipAddress("192.0.2.1"), weight: 1, isDead: true }];
  assert.equal(status("ipv4", [address], [routeFacts({ nextHops })]).state, "probing");
});

test("the IPv4 source is the route's own, else the primary beside the gateway, else the first primary", () => {
  const first = addressFacts("198.51.100.1/24");
  const secondary = addressFacts("192.0.2.8/24", { isSecondary: true });
  const all = [first, secondary, address];
  const source = (routes: readonly RouteFacts[]) => status("ipv4", all, routes).source;
  assert.equal(source([{ ...route, preferredSource: secondary.address }]), "192.0.2.8");
  assert.equal(source([{ ...route, preferredSource: ipAddress("203.0.113.1") }]), "192.0.2.7");
  assert.equal(source([route]), "192.0.2.7");
  assert.equal(source([routeFacts()]), "198.51.100.1");
});

test("the IPv6 source is global before unique local and stable before temporary, in any order of the addresses", () => {
  const stable = addressFacts("2001:db8::7/64");
  const all = [
    addressFacts("fe80::7/64"),
    addressFacts("fd00::7/64"),
    addressFacts("2001:db8::3/64", { isSecondary: true }),
    addressFacts("2001:db8::1/64", { isDeprecated: true }),
    addressFacts("2001:db8::2/64", { isTentative: true }),
    stable,
  ];
  const routes = [routeFacts({ to: "::/0", via: "fe80::1" })];
  assert.equal(status("ipv6", all, routes).source, stable.address);
  assert.equal(status("ipv6", all.toReversed(), routes).source, stable.address);
  assert.equal(status("ipv6", all.slice(0, 5), routes).source, "2001:db8::3");
  assert.equal(status("ipv6", all.slice(0, 2), routes).source, "fd00::7");
  assert.equal(status("ipv6", all.slice(3, 5), routes).source, "2001:db8::1", "a deprecated one is better than none");
});

test("addresses that cannot be a source are shown and said to be why there is none", () => {
  const because = (...addresses: readonly AddressFacts[]) => status("ipv6", addresses, []).reason.text;
  assert.match(because(addressFacts("fe80::7/64")), /only IPv6 addresses that are good on its own link/);
  assert.match(because(addressFacts("2001:db8::2/64", { isTentative: true })), /tentative or a duplicate/);
  assert.match(status("ipv4", [addressFacts("169.254.3.4/16")], []).reason.text, /good on its own link/);
  assert.deepEqual(status("ipv6", [addressFacts("fe80::7/64")], []).addresses, [{ address: "fe80::7", length: 64 }]);
});
