/** What doctor says of interfaces that are given to Ropewalk, and of those that could be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { backhaulSection } from "@ropewalk/backhaul/config";
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import type { LinkOwner } from "../src/doctor/coexistence.ts";
import { leaseFindings } from "../src/doctor/leases.ts";

function findings(network: FakeNetwork, owner?: LinkOwner, ...given: readonly string[]) {
  const uplink = given.map((name) => ({ interface: name, addresses: "dhcp" }));
  const { uplink: entries } = backhaulSection.schema.parse({ uplink });
  return leaseFindings({ network: network.facts, entries, ownerOf: () => owner });
}

function oneLink() {
  const network = new FakeNetwork(new FakeClock());
  const { ifindex } = network.addLink({ name: "eth0", virtualKind: undefined });
  return { network, ifindex };
}

test("a cable in an interface that nobody uses is noted with what would give it to Ropewalk", () => {
  const { network, ifindex } = oneLink();
  const [idle, ...more] = findings(network);
  assert.deepEqual([idle?.state, more], ["note", []]);
  assert.match(`${idle?.text} ${idle?.cost}`, /^eth0: .* addresses = "dhcp"/);
  assert.deepEqual(findings(network, "dhcpcd"), [], "whoever manages it uses it");
  network.setCarrier(ifindex, false);
  assert.deepEqual(findings(network), []);
  network.setCarrier(ifindex, true);
  network.addAddress(ifindex, "192.0.2.2/24");
  assert.deepEqual(findings(network), []);
});

test("a given interface that somebody manages is a lack, with how he is made to let go of it", () => {
  const { network } = oneLink();
  assert.equal(findings(network, undefined, "eth0")[0]?.state, "good");
  for (const [owner, cure] of [
    ["NetworkManager", /nmcli device set eth0 managed no/],
    ["systemd-networkd", /Name=eth0 and \[Link\] Unmanaged=yes/],
    ["dhcpcd", /denyinterfaces eth0/],
  ] as const) {
    const [finding] = findings(network, owner, "eth0");
    assert.equal(finding?.state, "lack");
    assert.match(finding?.cure ?? "", cure);
  }
});
