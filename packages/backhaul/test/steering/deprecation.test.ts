/** Addresses of dead uplinks on a machine in memory: when they are deprecated and preferred again, and what is told of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SteeringService } from "@ropewalk/backhaul/steering/steering";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import { deciding, uplink } from "../pure/steering/uplink-fixture.ts";
import { SteeringBench, unasked } from "./steering-bench.ts";

const healthy = [uplink(1, "healthy", "healthy"), uplink(2, "healthy", "healthy")] as const;
const deadIpv6 = [uplink(1, "healthy", "silent"), uplink(2, "healthy", "healthy")] as const;
const first = { ifindex: 11, address: ipAddress("2001:db8:1::2") };

function createBench() {
  const bench = new SteeringBench();
  for (const slot of [1, 2]) bench.machine.addUplink(slot);
  const { machine } = bench;
  const deprecated = () =>
    machine.network.facts.addresses.filter(({ isDeprecated }) => isDeprecated).map(({ address }) => address);
  return { bench, machine, deprecated };
}

async function steer(bench: SteeringBench): Promise<SteeringService> {
  const steering = await bench.start(unasked);
  bench.taken();
  return steering;
}

test("a way that dies has its addresses deprecated, and preferred again when it lives; IPv4 is not touched", async () => {
  const { bench, machine, deprecated } = createBench();
  bench.show(healthy, deciding(1));
  await using _steering = await steer(bench);
  const { all } = machine;
  bench.show(deadIpv6, deciding(1, 2));
  assert.deepEqual(deprecated(), [first.address]);
  assert.deepEqual(bench.taken(), ["moved ipv6", "changed ipv6", "ended-flows ipv6"]);
  bench.show(deadIpv6, deciding(1, 2));
  assert.deepEqual(bench.taken(), [], "nothing is done twice");
  bench.show(healthy, deciding(1));
  assert.deepEqual(deprecated(), []);
  assert.deepEqual(machine.all, all);
});

test("an address that a router renews is deprecated again, and has what the router gave it when its way lives", async () => {
  const { bench, machine, deprecated } = createBench();
  bench.show(healthy, deciding(1));
  await using _steering = await steer(bench);
  bench.show(deadIpv6, deciding(1, 2));
  machine.lifetimes.set({ ...first, preferred: seconds(1_800), valid: seconds(3_600) });
  assert.deepEqual(deprecated(), []);
  bench.show(deadIpv6, deciding(1, 2));
  assert.deepEqual(deprecated(), [first.address]);
  bench.show(healthy, deciding(1));
  assert.deepEqual(machine.lifetimes.read(first), { ...first, preferred: seconds(1_800), valid: seconds(3_600) });
});

test("a start finds what an earlier run left deprecated, and prefers it again only when its way lives", async () => {
  const { bench, deprecated } = createBench();
  bench.show(healthy, deciding(1));
  const earlier = await steer(bench);
  bench.show(deadIpv6, deciding(1, 2));
  await earlier[Symbol.asyncDispose]();
  bench.show([uplink(1, "healthy", "starting"), uplink(2, "healthy", "starting")], deciding(1, 2));
  await using _later = await steer(bench);
  assert.deepEqual(deprecated(), [first.address]);
  bench.show(healthy, deciding(1));
  assert.deepEqual(deprecated(), []);
});

test("a purge prefers them again, also one after a start", async () => {
  const { bench, machine, deprecated } = createBench();
  const untouched = machine.all;
  bench.show(healthy, deciding(1));
  const earlier = await steer(bench);
  bench.show(deadIpv6, deciding(1, 2));
  await earlier[Symbol.asyncDispose]();
  await using later = await steer(bench);
  assert.deepEqual(deprecated(), [first.address]);
  assert.deepEqual(await later.purge(), { kind: "done" });
  assert.deepEqual(machine.all, untouched);
});

test("what is refused is unmet and told once, keeps nothing else from being done, and is tried again", async () => {
  const { bench, machine, deprecated } = createBench();
  bench.show(healthy, deciding(1));
  await using steering = await steer(bench);
  machine.lifetimes.fault = "operation not permitted";
  bench.show(deadIpv6, deciding(1, 2));
  assert.deepEqual(bench.taken(), ["moved ipv6", "refused ipv6", "ended-flows ipv6"]);
  assert.match(steering.status.unmet.join(), /2001:db8:1::2 on wan1: operation not permitted/);
  bench.show(deadIpv6, deciding(1, 2));
  assert.deepEqual(bench.taken(), []);
  machine.lifetimes.fault = undefined;
  bench.show(deadIpv6, deciding(1, 2));
  assert.deepEqual([deprecated(), steering.status.unmet], [[first.address], []]);
});

test("an address is not deprecated when how it was cannot be written down, and a purge on such a disk is not clean", async () => {
  const { bench, deprecated } = createBench();
  bench.show(healthy, deciding(1));
  await using steering = await steer(bench);
  const fullDisk = (sql: string) => {
    if (sql.includes("deprecated_addresses")) throw new Error("disk full");
  };
  bench.onStatement = fullDisk;
  bench.show(deadIpv6, deciding(1, 2));
  assert.deepEqual(deprecated(), []);
  assert.match(steering.status.unmet.join(), /disk full/);
  bench.onStatement = () => {};
  bench.show(deadIpv6, deciding(1, 2));
  assert.deepEqual(deprecated(), [first.address]);
  bench.onStatement = fullDisk;
  const purged = await steering.purge();
  assert.deepEqual([purged.kind, deprecated()], ["refused", []]);
});
