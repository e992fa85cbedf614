/** What the service remembers of uplinks from one run to the next, and what it does when it cannot. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { BackhaulBench, uplinkNamed } from "./backhaul-bench.ts";

test("an uplink without a route is still one after a restart, with its id and its mark", async () => {
  const bench = new BackhaulBench();
  const first = bench.addUplink("eth0", 2);
  const second = bench.addUplink("eth1", 3, { metric: 200 });
  const before = await bench.start();
  const marks = before.connectivity.current.usable.map((path) => [path.uplinkId, path.mark]);
  bench.settle();
  await before[Symbol.asyncDispose]();
  bench.network.removeRoute({ via: "192.0.2.1", ifindex: first.ifindex, metric: 100 });
  await using after = await bench.start();
  assert.equal(uplinkNamed(after, "eth0").reason.code, "no-route");
  bench.network.addRoute({ via: "192.0.2.1", ifindex: first.ifindex, metric: 100 });
  assert.deepEqual(
    new Map(after.connectivity.current.usable.map((path) => [path.uplinkId, path.mark])),
    new Map(marks as [never, never][]),
  );
  assert.notEqual(first.ifindex, second.ifindex);
});

test("an uplink whose interface is gone at the start is forgotten", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  const before = await bench.start();
  await before[Symbol.asyncDispose]();
  assert.equal(bench.store.all("SELECT id FROM backhaul_uplinks").length, 1);
  bench.network.removeLink(ifindex);
  const after = await bench.start();
  assert.equal(after.status().uplinks.length, 0);
  await after[Symbol.asyncDispose]();
  assert.deepEqual(bench.store.all("SELECT id FROM backhaul_uplinks"), []);
});

test("a store that fails costs the memory of a restart, degrades the health, and nothing of the picture", async () => {
  const bench = new BackhaulBench();
  const full = () => {
    throw new Error("no room left");
  };
  const good = bench.store;
  bench.store = { all: full, run: full, transaction: full };
  bench.addUplink("eth0", 2);
  await using service = await bench.start();
  bench.settle();
  assert.equal(service.status().uplinks.length, 1);
  assert.equal(bench.health.snapshot().state, "degraded");
  assert.match(bench.health.snapshot().subsystems[0]?.reason ?? "", /not remembered across a restart: no room left/);
  Object.assign(bench.store, {
    run: good.run.bind(good),
    all: good.all.bind(good),
    transaction: good.transaction.bind(good),
  });
  bench.sources.set("eth0", {});
  assert.equal(bench.health.snapshot().state, "healthy", "what could not be saved is saved at the next refresh");
  assert.equal(good.all("SELECT id FROM backhaul_uplinks").length, 1);
});

test("what is pinned and drained is so after a restart; what was used by order is not", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  bench.addUplink("eth1", 3, { metric: 200 });
  bench.addUplink("eth2", 4, { metric: 300 });
  const before = await bench.start();
  const [eth0, eth1, eth2] = ["eth0", "eth1", "eth2"].map((name) => uplinkNamed(before, name).id);
  assert.deepEqual(before.order({ kind: "use", uplinkId: eth2 as UplinkId }), { kind: "done" });
  assert.equal(before.status().decisions.ipv4.uplinkId, eth2);
  before.order({ kind: "drain", uplinkId: eth0 as UplinkId });
  await before[Symbol.asyncDispose]();
  const after = await bench.start();
  assert.equal(after.status().decisions.ipv4.uplinkId, eth1);
  assert.deepEqual(after.order({ kind: "pin", uplinkId: eth2 as UplinkId }), { kind: "done" });
  await after[Symbol.asyncDispose]();
  await using last = await bench.start();
  assert.deepEqual([last.status().decisions.ipv4.uplinkId, last.status().decisions.ipv4.order], [eth2, "pinned"]);
  assert.equal(bench.health.snapshot().state, "healthy");
});

test("an order that cannot be kept holds until the restart, and degrades the health", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  bench.addUplink("eth1", 3, { metric: 200 });
  await using service = await bench.start();
  bench.settle();
  const { id } = uplinkNamed(service, "eth1");
  const good = bench.store;
  const transaction = good.transaction.bind(good);
  Object.assign(good, {
    transaction: () => {
      throw new Error("no room left");
    },
  });
  assert.deepEqual(service.order({ kind: "pin", uplinkId: id }), { kind: "done" });
  assert.equal(service.status().decisions.ipv4.uplinkId, id);
  assert.match(bench.health.snapshot().subsystems[0]?.reason ?? "", /orders are not remembered.*no room left/);
  Object.assign(good, { transaction });
  bench.sources.set("eth0", {});
  assert.equal(bench.health.snapshot().state, "healthy");
});

test("a pin whose uplink cannot be used degrades the health until it can", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  bench.addUplink("eth1", 3, { metric: 200 });
  await using service = await bench.start();
  service.order({ kind: "pin", uplinkId: uplinkNamed(service, "eth0").id });
  assert.equal(bench.health.snapshot().state, "healthy");
  bench.network.setCarrier(ifindex, false);
  assert.match(bench.health.snapshot().subsystems[0]?.reason ?? "", /^eth0 is pinned and cannot be used/);
  bench.network.setCarrier(ifindex, true);
  assert.equal(bench.health.snapshot().state, "healthy");
});
