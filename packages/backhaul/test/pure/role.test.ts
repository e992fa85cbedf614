/** Which links are uplinks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfiguredRole, type RoleEvidence, roleOf } from "@ropewalk/backhaul/pure/role";
import fc from "fast-check";
import { linkFacts } from "./facts-fixture.ts";

const nothing: RoleEvidence = { configured: "auto", hasDefaultRoute: false, hasLeaseGateway: false, wasUplink: false };
const everything: RoleEvidence = { configured: "auto", hasDefaultRoute: true, hasLeaseGateway: true, wasUplink: true };

test("a link with a default route, a lease's gateway or a past as an uplink is an uplink, any other is none", () => {
  assert.equal(roleOf(linkFacts(), nothing).kind, "other");
  for (const fact of ["hasDefaultRoute", "hasLeaseGateway", "wasUplink"] as const) {
    assert.equal(roleOf(linkFacts(), { ...nothing, [fact]: true }).kind, "uplink", fact);
  }
});

test("a member of a bridge, bond or VRF is none", () => {
  assert.deepEqual(roleOf(linkFacts({ master: 7 }), everything), {
    kind: "other",
    because: "it is a member of another interface",
  });
});

for (const virtualKind of [
  "tun",
  "wireguard",
  "ipip",
  "gre",
  "gretap",
  "sit",
  "vti6",
  "xfrm",
  "vxlan",
  "geneve",
  "ip6tnl",
]) {
  test(`a ${virtualKind} link is a tunnel and none, whatever routes it owns`, () => {
    assert.equal(roleOf(linkFacts({ virtualKind }), everything).kind, "other");
  });
}

test("a tunnel made without a link kind is known by its hardware type", () => {
  assert.equal(roleOf(linkFacts({ hardwareType: 776 }), everything).kind, "other");
});

for (const virtualKind of ["veth", "bridge", "bond", "vlan", "macvlan", "ipvlan", "wwan", "rmnet", "ppp"]) {
  test(`a ${virtualKind} link can be an uplink`, () => {
    assert.equal(roleOf(linkFacts({ virtualKind }), { ...nothing, hasDefaultRoute: true }).kind, "uplink");
  });
}

test("a modem without link-layer address (ARPHRD_NONE) can be an uplink", () => {
  assert.equal(roleOf(linkFacts({ hardwareType: 65534 }), { ...nothing, hasDefaultRoute: true }).kind, "uplink");
});

test("the operator's word goes before topology, except that a loopback leads nowhere", () => {
  const tunnel = linkFacts({ virtualKind: "tun", master: 3 });
  assert.equal(roleOf(tunnel, { ...nothing, configured: "include" }).kind, "uplink");
  assert.equal(roleOf(linkFacts(), { ...everything, configured: "exclude" }).kind, "other");
  assert.equal(roleOf(linkFacts({ hardwareType: 772 }), { ...everything, configured: "include" }).kind, "other");
});

test("what is an uplink by its routes is still one when it was one and they are gone", () => {
  const link = fc.record({
    master: fc.option(fc.nat(), { nil: undefined }),
    virtualKind: fc.constantFrom(undefined, "veth", "tun", "bridge", "wireguard"),
    hardwareType: fc.constantFrom(1, 512, 519, 768, 772, 65534),
    hasCarrier: fc.boolean(),
    isEnabled: fc.boolean(),
  });
  fc.assert(
    fc.property(link, fc.constantFrom<ConfiguredRole>("auto", "include", "exclude"), (changes, configured) => {
      const before = roleOf(linkFacts(changes), { ...nothing, configured, hasDefaultRoute: true });
      const after = roleOf(linkFacts(changes), { ...nothing, configured, wasUplink: true });
      assert.equal(after.kind, before.kind);
    }),
  );
});
