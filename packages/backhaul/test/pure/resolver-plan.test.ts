/** Whom to ask for names, and whose packets are bound to whose uplink. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planResolvers, type ResolvingUplink, resolverPins } from "@ropewalk/backhaul/pure/resolver-plan";
import type { DecisionScope, ResolverStatus } from "@ropewalk/backhaul/status";
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { addressFacts } from "./facts-fixture.ts";

function uplink(
  ifindex: number,
  servers: readonly string[],
  { source = "lease", gateway = null }: { source?: ResolverStatus["source"]; gateway?: IpAddress | null } = {},
): ResolvingUplink {
  const resolvers = { servers: servers.map(ipAddress), source: servers.length === 0 ? null : source, detail: "told" };
  const id = `uplink-${ifindex}` as UplinkId;
  return { id, name: `wan${ifindex}`, ifindex, resolvers, ipv4: { gateway }, ipv6: { gateway: null } };
}

/** Uplinks by ifindex, undefined for none. */
function decided(
  overall?: number,
  ipv4 = overall,
  ipv6 = overall,
): Record<DecisionScope, { uplinkId: UplinkId | null }> {
  const of = (ifindex: number | undefined) => ({
    uplinkId: ifindex === undefined ? null : (`uplink-${ifindex}` as UplinkId),
  });
  return { overall: of(overall), ipv4: of(ipv4), ipv6: of(ipv6) };
}

const one = uplink(1, ["192.0.2.1", "2001:db8:1::53"]);
const two = uplink(2, ["192.0.2.2", "2001:db8:2::53"]);

test("the servers of the uplink in use are asked, of both families, and nobody else's", () => {
  assert.deepEqual(planResolvers([one, two], decided(2)), {
    kind: "ask",
    links: [{ ifindex: 2, name: "wan2", servers: ["192.0.2.2", "2001:db8:2::53"], source: "lease" }],
    others: [{ ifindex: 1, name: "wan1" }],
  });
});

test("where the families use different uplinks each asks its own, first the uplink that was decided for overall", () => {
  assert.deepEqual(planResolvers([one, two], decided(2, 2, 1)), {
    kind: "ask",
    links: [
      { ifindex: 2, name: "wan2", servers: ["192.0.2.2"], source: "lease" },
      { ifindex: 1, name: "wan1", servers: ["2001:db8:1::53"], source: "lease" },
    ],
    others: [],
  });
});

test("a family without an uplink has nobody to ask", () => {
  const plan = planResolvers([one], { ...decided(1), ipv6: { uplinkId: null } });
  assert.deepEqual(plan.kind === "ask" && plan.links[0]?.servers, ["192.0.2.1"]);
});

test("of an uplink whose servers nobody knows it is told why, and which servers are other uplinks'", () => {
  const plan = planResolvers([one, uplink(2, [])], decided(2));
  assert.deepEqual(plan, { kind: "unknown", elsewhere: ["192.0.2.1", "2001:db8:1::53"], reason: "wan2: told" });
  assert.deepEqual(planResolvers([], decided()), { kind: "unknown", elsewhere: [], reason: "no uplink is in use" });
});

test("what resolv.conf says of the whole machine is not written into it again", () => {
  const only = uplink(1, ["192.0.2.1"], { source: "resolv.conf" });
  assert.deepEqual(planResolvers([only], decided(1)), { kind: "unknown", elsewhere: [], reason: "wan1: told" });
});

const pinned = (uplinks: readonly ResolvingUplink[], addresses: readonly string[] = []) =>
  resolverPins(
    uplinks,
    addresses.map((text) => addressFacts(text, { ifindex: 9 })),
  ).map(({ uplinkId, servers }) => [uplinkId, ...servers]);

test("servers of one uplink alone are bound to it", () => {
  assert.deepEqual(pinned([one, two]), [
    ["uplink-1", "192.0.2.1", "2001:db8:1::53"],
    ["uplink-2", "192.0.2.2", "2001:db8:2::53"],
  ]);
});

test("a server that two uplinks name, or that is another uplink's gateway, is bound to none", () => {
  assert.deepEqual(pinned([uplink(1, ["192.0.2.9", "192.0.2.1"]), uplink(2, ["192.0.2.9"])]), [
    ["uplink-1", "192.0.2.1"],
  ]);
  assert.deepEqual(pinned([uplink(1, ["192.0.2.1"]), uplink(2, [], { gateway: ipAddress("192.0.2.1") })]), []);
});

test("a server in a network of another interface of this machine is bound to no uplink", () => {
  assert.deepEqual(pinned([uplink(1, ["10.1.0.53", "192.0.2.1"])], ["10.1.0.1/16"]), [["uplink-1", "192.0.2.1"]]);
});

test("a server in the uplink's own network is bound to it", () => {
  const own = addressFacts("192.0.2.77/24", { ifindex: 1 });
  assert.deepEqual(resolverPins([one], [own])[0]?.servers, ["192.0.2.1", "2001:db8:1::53"]);
});

test("loopback, link-local and public servers are bound to no uplink", () => {
  assert.deepEqual(pinned([uplink(1, ["127.0.0.1", "::1", "fe80::1", "8.8.8.8", "2620:fe::fe"])]), []);
});
