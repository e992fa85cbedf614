import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress, networkOf, parsePrefix, prefixContains } from "@ropewalk/kernel/addresses";
import {
  ispAggregates,
  lanLink,
  lanSubnets,
  mostUplinks,
  planUplink,
  serverLink,
  servers,
  transitLink,
  transitSubnets,
  uplinkLink,
  uplinkSubnets,
} from "../../src/pure/topology.ts";

const slots = Array.from({ length: mostUplinks }, (_, slot) => slot);
const generations = Array.from({ length: 8 }, (_, generation) => generation);
const reserved = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32"].map((text) =>
  parsePrefix(text),
);

function everySubnet() {
  const uplinks = slots.flatMap((slot) =>
    generations.flatMap((generation) => uplinkSubnets({ ...planUplink(slot, "wan", 0, {}), generation })),
  );
  return [...lanSubnets, ...servers.flatMap((place) => place.subnets), ...slots.flatMap(transitSubnets), ...uplinks];
}

test("every address is from a range reserved for documentation or benchmarks", () => {
  for (const { router, member } of everySubnet()) {
    for (const address of [router, member]) {
      assert.ok(
        reserved.some((prefix) => prefix !== undefined && prefixContains(prefix, address)),
        address,
      );
    }
  }
});

test("no two links share a network, whatever is renumbered, and both ends are in it", () => {
  const networks = everySubnet().map(({ router, member, length }) => {
    const network = networkOf({ address: router, length });
    assert.ok(prefixContains(network, member));
    return `${network.address}/${length}`;
  });
  assert.equal(new Set(networks).size, networks.length);
});

test("core's route to an ISP covers every network that the ISP ever gives its customer", () => {
  for (const slot of slots) {
    const aggregates = ispAggregates(slot).map((text) => parsePrefix(text));
    for (const generation of generations) {
      for (const { member } of uplinkSubnets({ ...planUplink(slot, "wan", 0, {}), generation })) {
        assert.ok(aggregates.some((prefix) => prefix !== undefined && prefixContains(prefix, ipAddress(member))));
      }
    }
  }
});

for (const layout of ["equal", "unequal"] as const) {
  test(`${layout} ifindexes: no host has one twice, and both ends agree or differ as asked`, () => {
    const uplinks = slots.flatMap((slot) =>
      [0, 1, 2].map((incarnation) => planUplink(slot, `wan${slot}`, incarnation, {})),
    );
    const links = [
      lanLink(layout),
      ...servers.map((place) => serverLink(layout, place)),
      ...slots.map((slot) => transitLink(layout, slot)),
      ...uplinks.map((uplink) => uplinkLink(layout, uplink)),
    ];
    const taken = links.flatMap(({ ends }) => ends.map(({ host, ifindex }) => `${host} ${ifindex}`));
    assert.equal(new Set(taken).size, taken.length);
    for (const { ends } of links) assert.equal(ends[0].ifindex === ends[1].ifindex, layout === "equal");
  });
}
