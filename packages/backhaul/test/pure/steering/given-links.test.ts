/** Which links are given to Ropewalk by what the operator wrote. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UplinkEntry } from "@ropewalk/backhaul/pure/entries";
import { givenLinks } from "@ropewalk/backhaul/pure/steering/given-links";
import type { LinkFacts } from "@ropewalk/host/facts";
import { linkFacts, mac } from "../facts-fixture.ts";

function entry(selector: UplinkEntry["selector"], addresses: UplinkEntry["addresses"] = "dhcp"): UplinkEntry {
  const unsaid = { label: undefined, metered: undefined, resolvers: undefined, profile: undefined };
  return { selector, role: "auto", addresses, ...unsaid };
}

const given = (links: readonly LinkFacts[], ...entries: readonly UplinkEntry[]) =>
  givenLinks(new Map(links.map((link) => [link.ifindex, link])), entries).map(({ name }) => name);

const eth2 = linkFacts({ ifindex: 2 });
const eth3 = linkFacts({ ifindex: 3 });

test("without a word of it nothing is given", () => {
  assert.deepEqual(given([eth2, eth3]), []);
  assert.deepEqual(given([eth2], entry({ kind: "interface", pattern: "eth2" }, "found")), []);
});

test("a link is given by its name or by its MAC address", () => {
  assert.deepEqual(given([eth2, eth3], entry({ kind: "interface", pattern: "eth3" })), ["eth3"]);
  assert.deepEqual(given([eth3, eth2], entry({ kind: "mac", mac: mac("02:00:00:00:00:02") })), ["eth2"]);
});

test("what stands upon a link has its MAC address too, and is not given with it", () => {
  const vlan = linkFacts({ ifindex: 9, name: "eth2.7", mac: eth2.mac, permanentMac: undefined, virtualKind: "vlan" });
  const byMac = entry({ kind: "mac", mac: mac("02:00:00:00:00:02") });
  assert.deepEqual(given([vlan, eth2], byMac), ["eth2"]);
  assert.deepEqual(given([vlan, eth2], entry({ kind: "interface", pattern: "eth2.7" })), ["eth2.7"]);
});
