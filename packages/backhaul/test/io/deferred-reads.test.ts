/** Reads that wait for their turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeferredReads } from "@ropewalk/backhaul/io/deferred-reads";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { noResolvers } from "../backhaul-bench.ts";

/** Runs one turn each time the clock fires it, and keeps how much was read in each. */
function made() {
  const clock = new FakeClock();
  const devices: number[] = [];
  const resolvers: number[] = [];
  const names: string[] = [];
  const reads = new DeferredReads({
    clock,
    reader: {
      device: (name) => {
        names.push(name);
        return undefined;
      },
    },
    sources: { read: () => noResolvers },
    onDevices: (answers) => devices.push(answers.length),
    onResolvers: (facts) => resolvers.push(facts.size),
  });
  return { clock, reads, devices, resolvers, names };
}

test("nothing is read before the next turn, and what was asked twice is read once, by its newest name", () => {
  const { clock, reads, names } = made();
  reads.askDevice(2, "eth0", false);
  reads.askDevice(2, "wan", false);
  assert.deepEqual(names, []);
  clock.advance(millis(0));
  assert.deepEqual(names, ["wan"]);
});

test("hundreds of reads are spread over turns, so that an event never waits for all of them", () => {
  const { clock, reads, devices, resolvers } = made();
  for (let ifindex = 1; ifindex <= 100; ifindex += 1) reads.askDevice(ifindex, `if${ifindex}`, false);
  for (let ifindex = 1; ifindex <= 10; ifindex += 1) reads.askResolvers(ifindex, `if${ifindex}`);
  clock.advance(millis(0));
  assert.deepEqual(devices, [32, 32, 32, 4]);
  assert.deepEqual(resolvers, [4, 4, 2]);
});

test("a retry waits a moment", () => {
  const { clock, reads, names } = made();
  reads.askDevice(2, "eth0", true);
  clock.advance(millis(99));
  assert.deepEqual(names, []);
  clock.advance(millis(1));
  assert.deepEqual(names, ["eth0"]);
});

test("everything is read at once when asked to, retries without their wait", () => {
  const { clock, reads, names } = made();
  reads.askDevice(2, "eth0", true);
  reads.askDevice(3, "eth1", false);
  reads.runNow();
  assert.deepEqual(names.toSorted(), ["eth0", "eth1"]);
  clock.advance(millis(1000));
  assert.equal(names.length, 2);
});

test("nothing is read after it was disposed of", () => {
  const { clock, reads, names } = made();
  reads.askDevice(2, "eth0", false);
  reads.askDevice(3, "eth1", true);
  reads[Symbol.dispose]();
  clock.advance(millis(1000));
  assert.deepEqual(names, []);
});
