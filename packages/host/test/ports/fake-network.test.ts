/** What the fake adds to the contract: it plays lost events, polls and batches on demand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import type { NetworkChange } from "@ropewalk/host/ports";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";

function watched() {
  const clock = new FakeClock();
  const network = new FakeNetwork(clock);
  const changes: NetworkChange[] = [];
  network.subscribe((change) => changes.push(change));
  return { clock, network, changes };
}

test("an uplink built call by call is seen in the facts", () => {
  const { network } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  network.addAddress(ifindex, "192.0.2.2/24");
  network.addRoute({ via: "192.0.2.1", ifindex, metric: 100 });
  assert.equal(network.facts.links.get(ifindex)?.hasCarrier, true);
  assert.equal(network.facts.addresses[0]?.address, "192.0.2.2");
  assert.deepEqual(network.facts.routes[0]?.nextHops, [{ ifindex, gateway: "192.0.2.1", weight: 1, isDead: false }]);
});

test("a snapshot does not change when the network does", () => {
  const { network } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  const before = network.facts;
  network.rename(ifindex, "wan0");
  network.addLink({ name: "eth1" });
  assert.equal(before.links.get(ifindex)?.name, "eth0");
  assert.equal(before.links.size, 1);
});

test("changes made together are one call, but two edges of one carrier are two", () => {
  const { network, changes } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  changes.length = 0;
  network.together(() => {
    network.addAddress(ifindex, "192.0.2.2/24");
    network.setCarrier(ifindex, false);
    network.setCarrier(ifindex, true);
    network.rename(ifindex, "wan0");
  });
  const seen = changes.map((change) => change.facts.links.get(ifindex));
  assert.deepEqual(
    seen.map((link) => [link?.hasCarrier, link?.name]),
    [
      [false, "eth0"],
      [true, "wan0"],
    ],
  );
});

test("lost events are told by one resync with all that happened", () => {
  const { network, changes } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  changes.length = 0;
  network.loseEvents("ENOBUFS", () => {
    network.setCarrier(ifindex, false);
    network.addLink({ name: "eth1" });
  });
  assert.deepEqual(
    changes.map((change) => change.kind),
    ["resync"],
  );
  assert.equal(network.facts.links.size, 2);
  assert.equal(network.counts.resyncs, 1);
});

test("an edge that only the poll saw says so", () => {
  const { clock, network, changes } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  clock.advance(seconds(3));
  network.setCarrier(ifindex, false, "carrier-poll");
  assert.equal(changes.at(-1)?.kind, "carrier-poll");
  assert.equal(network.facts.links.get(ifindex)?.carrierChangedAt, seconds(3));
});

test("a removed link takes its addresses and routes along", () => {
  const { network } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  network.addAddress(ifindex, "192.0.2.2/24");
  network.addRoute({ via: "192.0.2.1", ifindex });
  network.removeLink(ifindex);
  assert.deepEqual(network.facts, {
    links: new Map(),
    addresses: [],
    routes: [],
    routerDns: [],
    deadRoutes: network.facts.deadRoutes,
    reversePathFilters: new Map(),
  });
});

test("a nexthop is dead while its link has no carrier", () => {
  const { network } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  network.addRoute({ via: "192.0.2.1", ifindex });
  network.setCarrier(ifindex, false);
  assert.equal(network.facts.routes[0]?.nextHops[0]?.isDead, true);
  network.setCarrier(ifindex, true);
  assert.equal(network.facts.routes[0]?.nextHops[0]?.isDead, false);
});

test("announced servers are grouped by expiry and leave when withdrawn", () => {
  const { network } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  network.routerDns(ifindex, ["2001:db8::1", "2001:db8::2"], seconds(60));
  network.routerDns(ifindex, ["2001:db8::3"], undefined);
  assert.deepEqual(network.facts.routerDns, [
    { ifindex, servers: ["2001:db8::1", "2001:db8::2"], expiresAt: seconds(60) },
    { ifindex, servers: ["2001:db8::3"], expiresAt: undefined },
  ]);
  network.routerDns(ifindex, ["2001:db8::1", "2001:db8::3"], seconds(0));
  assert.deepEqual(network.facts.routerDns, [{ ifindex, servers: ["2001:db8::2"], expiresAt: seconds(60) }]);
});

test("a listener that changes the network is heard after every listener heard of the first change", () => {
  const { network } = watched();
  const { ifindex } = network.addLink({ name: "eth0" });
  const heard: string[] = [];
  network.subscribe((change) => {
    heard.push(`first ${change.facts.links.get(ifindex)?.name}`);
    if (heard.length === 1) network.rename(ifindex, "b");
  });
  network.subscribe((change) => heard.push(`second ${change.facts.links.get(ifindex)?.name}`));
  network.rename(ifindex, "a");
  assert.deepEqual(heard, ["first a", "second a", "first b", "second b"]);
});
