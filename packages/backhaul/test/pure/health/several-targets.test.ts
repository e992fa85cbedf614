/** Targets that fail on a path that lives, and paths on which several must answer: k of n. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeProfileName } from "@ropewalk/backhaul/status";
import { dead, good, healthConfig, ip, type Line, Rig } from "./rig.ts";

const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];

function rigWith(count: number, require: number, profile: ProbeProfileName = "normal"): Rig {
  const target = addresses.slice(0, count).map((address, index) => ({ name: `t${index + 1}`, address }));
  return new Rig(profile, healthConfig({ probe: { target, require } }));
}

/** Nothing comes from these targets; everything else is well. */
function without(...gone: readonly number[]): Line {
  const lost = gone.map((number) => ip(addresses[number - 1] ?? ""));
  return (question, at) => {
    const isGone = "target" in question && lost.includes(question.target);
    return isGone ? dead(question, at) : good()(question, at);
  };
}

const isPulse = ({ request: { question } }: Rig["asked"][number]) =>
  question.kind === "echo" && question.target !== ip("198.18.0.1");

function pulsesIn(rig: Rig, duration: number): number {
  const before = rig.asked.filter(isPulse).length;
  return rig.run(duration).asked.filter(isPulse).length - before;
}

const codes = (rig: Rig) => rig.states.map(({ code }) => code);

for (const [count, require] of [
  [3, 2],
  [4, 3],
] as const) {
  for (const [profile, interval] of [
    ["fast", 50],
    ["normal", 1_000],
  ] as const) {
    test(`in ${profile}, ${require} of ${count} that must answer are pulsed once an interval, and no burst comes of it`, () => {
      const rig = rigWith(count, require, profile).run(20_000);
      const minute = pulsesIn(rig, 60_000);
      const planned = (60_000 / interval) * count;
      assert.ok(Math.abs(minute - planned) <= count, `${minute} instead of ${planned}`);
    });
  }
}

test("where one of two targets is gone and no third is known, the other's pulses are enough", () => {
  const rig = rigWith(2, 1).run(20_000);
  rig.line = without(1);
  rig.run(20_000);
  assert.ok(pulsesIn(rig, 60_000) <= 122);
  assert.deepEqual(codes(rig), ["starting", "healthy"]);
});

test("as long as fewer targets were heard than must be, a path is not up", () => {
  const rig = rigWith(3, 2);
  rig.line = without(1, 2);
  rig.run(60_000);
  assert.deepEqual(codes(rig), ["starting", "beyond-gateway"]);
});

test("when too few answer the burst goes on until the verdict, and costs no more than a burst does", () => {
  const rig = rigWith(3, 2).run(20_000);
  rig.line = without(1, 2);
  const before = rig.asked.filter(isPulse).length;
  const took = rig.runUntil(({ verdict }) => verdict.state === "down", 20_000);
  assert.ok(took > 2_000 && took < 3_400, `${took} ms`);
  const spent = rig.asked.filter(isPulse).length - before;
  assert.ok(spent < 3 * 30, `${spent} pulses`);
});

test("our own stop is no silence of the targets that must answer besides the first", () => {
  const rig = rigWith(3, 2).run(20_000);
  for (const duration of [2_000, 5_000, 10_000]) rig.stop(duration).run(4_000);
  assert.deepEqual(codes(rig), ["starting", "healthy"]);
});

test("where ICMP is blocked, two of three that must answer are heard by TCP", () => {
  const rig = rigWith(3, 2);
  rig.line = (question, at) =>
    question.kind === "echo" || question.kind === "mtu" ? dead(question, at) : good()(question, at);
  rig.run(120_000);
  assert.equal(rig.verdict.state, "up");
});

test("a target that answers takes the place of those that do not, though all that were pulsed are gone", () => {
  const rig = rigWith(3, 1);
  rig.line = without(1, 2);
  rig.run(120_000);
  assert.equal(rig.verdict.state, "up");
  const two = rigWith(4, 2).run(20_000);
  two.line = without(1, 2);
  two.run(120_000);
  assert.equal(two.verdict.state, "up", "two of four answer");
});

test("while nothing answers at all the first target keeps its place, and what is known of it", () => {
  const rig = rigWith(4, 1).run(20_000);
  rig.line = dead;
  rig.run(120_000);
  const [first, second] = rig.health.pulses.targets;
  assert.deepEqual([first?.target.name, first?.rtt?.base], ["t1", 10]);
  assert.equal(second?.rtt, undefined, "the others take turns");
});

test("what was sent to a target that is replaced is not counted against the one in its place", () => {
  const rig = rigWith(3, 1, "fast").run(20_000);
  rig.line = without(1);
  rig.runUntil(({ health }) => health.pulses.targets.every(({ target }) => target.name !== "t1"), 20_000);
  rig.run(10_000);
  for (const { window } of rig.health.pulses.targets) assert.ok(window.buckets.every(({ lost }) => lost === 0));
});

test("the check page alone does not bring back a path on which no target answers", () => {
  const rig = rigWith(2, 1);
  rig.line = without(1, 2);
  rig.run(300_000);
  assert.deepEqual(codes(rig), ["starting", "beyond-gateway"]);
});

test("in eco, where pulses are rare, two of three that must answer are heard from the start", () => {
  const rig = rigWith(3, 2, "eco").run(5_000);
  assert.equal(rig.verdict.state, "up");
  rig.line = dead;
  rig.run(600_000);
  assert.equal(rig.verdict.state, "down");
  rig.line = good();
  rig.run(120_000);
  assert.equal(rig.verdict.state, "up");
});
