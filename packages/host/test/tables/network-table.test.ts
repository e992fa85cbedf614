/** The kernel's unspoken rules: what goes with a link, and after which events routes must be read again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { millis, seconds } from "@ropewalk/kernel/units";
import { defaultLink } from "../../src/fake/fake-defaults.ts";
import type { NetworkEvent, ObservedAddress, ObservedLink } from "../../src/tables/network-event.ts";
import { NetworkTable } from "../../src/tables/network-table.ts";

const eth0: ObservedLink = { ...defaultLink(2), name: "eth0" };

function address(text: string): ObservedAddress {
  const facts = {
    ifindex: 2,
    family: text.includes(":") ? "ipv6" : "ipv4",
    address: ipAddress(text),
    prefixLength: 24,
    scope: "global",
    isTentative: false,
    isDeprecated: false,
    isSecondary: false,
  } as const;
  return { facts, peer: facts.address };
}

function tableWith(...events: readonly NetworkEvent[]): NetworkTable {
  const table = new NetworkTable(() => true);
  for (const event of events) table.apply(event, millis(0));
  return table;
}

test("routes are doubted after what older kernels do not tell of, and only then", () => {
  const doubts = (event: NetworkEvent) => {
    const table = tableWith(
      { kind: "link", link: eth0 },
      { kind: "address", address: address("192.0.2.2") },
      { kind: "address", address: address("2001:db8::2") },
    );
    return table.apply(event, millis(1)).areRoutesDoubtful;
  };
  assert.equal(doubts({ kind: "address-removed", address: address("192.0.2.2") }), true);
  assert.equal(doubts({ kind: "link", link: { ...eth0, isEnabled: false, hasCarrier: false } }), true);
  assert.equal(doubts({ kind: "link-removed", ifindex: 2 }), true);
  assert.equal(doubts({ kind: "next-hop-removed", id: 5 }), true);
  assert.equal(doubts({ kind: "address-removed", address: address("2001:db8::2") }), false);
  assert.equal(doubts({ kind: "link", link: { ...eth0, hasCarrier: false } }), false);
  assert.equal(doubts({ kind: "link", link: { ...eth0, name: "wan0" } }), false);
});

test("an event that says nothing new changes nothing, and the facts stay the same object", () => {
  const table = tableWith({ kind: "link", link: eth0 }, { kind: "address", address: address("192.0.2.2") });
  const before = table.facts;
  assert.deepEqual(table.apply({ kind: "link", link: { ...eth0 } }, millis(5)).ifindexes, []);
  assert.deepEqual(table.apply({ kind: "address", address: address("192.0.2.2") }, millis(5)).ifindexes, []);
  assert.equal(table.facts, before);
});

test("a link that comes back under its old index starts anew", () => {
  const table = tableWith({ kind: "link", link: eth0 });
  table.apply({ kind: "carrier", ifindex: 2, hasCarrier: false }, seconds(1));
  assert.equal(table.facts.links.get(2)?.carrierChangedAt, seconds(1));
  table.apply({ kind: "link-removed", ifindex: 2 }, seconds(2));
  table.apply({ kind: "link", link: eth0 }, seconds(3));
  assert.equal(table.facts.links.get(2)?.carrierChangedAt, undefined);
});

test("a fresh dump keeps when a carrier changed, and drops what is no longer there", () => {
  const table = tableWith({ kind: "link", link: eth0 }, { kind: "link", link: { ...eth0, ifindex: 3, name: "eth1" } });
  table.apply({ kind: "carrier", ifindex: 2, hasCarrier: false }, seconds(1));
  const fresh = tableWith({ kind: "link", link: { ...eth0, hasCarrier: false } });
  assert.deepEqual(table.adopt(fresh, seconds(9)), new Set([3]));
  assert.equal(table.facts.links.get(2)?.carrierChangedAt, seconds(1));
});

test("name servers of a link that is set down are forgotten, and no link holds more than sixteen", () => {
  const table = tableWith({ kind: "link", link: eth0 });
  const servers = Array.from({ length: 40 }, (_, index) => ipAddress(`2001:db8::${index + 1}`));
  table.apply({ kind: "router-dns", ifindex: 2, servers, lifetime: seconds(60) }, millis(0));
  assert.deepEqual(table.facts.routerDns[0]?.servers, servers.slice(-16));
  table.apply({ kind: "link", link: { ...eth0, isEnabled: false, hasCarrier: false } }, millis(1));
  assert.deepEqual(table.facts.routerDns, []);
});

test("a name server that expired leaves with the next announcement", () => {
  const table = tableWith({ kind: "link", link: eth0 });
  const announce = (server: string, at: number) =>
    table.apply({ kind: "router-dns", ifindex: 2, servers: [ipAddress(server)], lifetime: seconds(60) }, seconds(at));
  announce("2001:db8::1", 0);
  announce("2001:db8::2", 61);
  assert.deepEqual(
    table.facts.routerDns.map((entry) => entry.servers),
    [["2001:db8::2"]],
  );
});
