/** Paths that come, go, return and change under the monitor, and our own stalls while they do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, tick } from "@ropewalk/backhaul/pure/health/monitor";
import type { PathSubject } from "@ropewalk/backhaul/pure/health/path-health";
import { pathKey } from "@ropewalk/backhaul/pure/health/probe";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { millis } from "@ropewalk/kernel/units";
import { dead, good, healthConfig, ip, key, Rig, subject } from "./rig.ts";

const wan1 = pathKey("wan1" as UplinkId, "ipv4");

/** Another uplink, in a slot of its own. */
function other(name = "wan1"): PathSubject {
  return subject({ name, slot: 2 });
}

const states = (rig: Rig) => rig.states.map(({ state }) => state);

test("the answer to a probe of one path is none to another", () => {
  const rig = new Rig();
  rig.follow(subject(), other());
  rig.lines.set("wan1", dead);
  rig.run(20_000);
  assert.deepEqual([rig.verdict.state, rig.verdictOf(wan1).state], ["up", "down"]);
});

test("of a path that went only how it stood is left; when it returns it must prove itself, and nothing of it is left behind", () => {
  const rig = new Rig().run(20_000);
  rig.follow();
  assert.deepEqual([rig.state.paths.size, rig.state.verdicts.size, rig.state.wakeAt], [0, 0, undefined]);
  assert.deepEqual(rig.state.past.get(key)?.state, "down");
  rig.run(1_000);
  rig.follow(subject());
  assert.equal(rig.state.past.size, 0);
  assert.equal(rig.verdict.state, "down");
  rig.run(2_000);
  assert.deepEqual([rig.verdict.state, rig.code], ["probing", "returning"]);
  rig.run(12_000);
  assert.equal(rig.verdict.state, "up");
});

test("a path that goes and comes three times within seconds is suppressed, and forty seconds of calm end it", () => {
  const rig = new Rig().run(20_000);
  for (let flap = 0; flap < 3; flap += 1) {
    rig.follow();
    rig.run(500);
    rig.follow(subject());
    rig.run(2_000);
  }
  rig.run(15_000);
  assert.equal(rig.code, "suppressed");
  rig.run(30_000);
  assert.equal(rig.verdict.state, "up");
});

test("of the paths that went the last 512 are remembered", () => {
  const rig = new Rig();
  for (let number = 0; number < 600; number += 1) {
    rig.follow(other(`wan${number}`));
    rig.follow();
  }
  assert.equal(rig.state.past.size, 512);
  assert.ok(rig.state.past.has(pathKey("wan599" as UplinkId, "ipv4")));
  assert.ok(!rig.state.past.has(pathKey("wan87" as UplinkId, "ipv4")));
});

test("another configuration of probes measures afresh, and forgets no state meanwhile", () => {
  const rig = new Rig();
  rig.line = dead;
  rig.follow(subject(), other());
  rig.lines.set("wan1", good());
  rig.run(20_000);
  const target = [{ name: "own", address: "203.0.113.9" }];
  rig.reconfigure(healthConfig({ probe: { target } }));
  assert.deepEqual([rig.verdict.state, rig.verdictOf(wan1).state], ["down", "up"]);
  const before = rig.asked.length;
  rig.run(100);
  const since = rig.asked.slice(before).map(({ request: { question } }) => question);
  assert.ok(since.some((question) => question.kind === "echo" && question.target === ip("203.0.113.9")));
  rig.run(20_000);
  assert.deepEqual([rig.verdict.state, rig.verdictOf(wan1).state], ["down", "up"]);
});

test("another profile keeps the state, another kind or resolver the pulses too", () => {
  const rig = new Rig().run(20_000);
  const { pulses } = rig.health;
  rig.follow(subject({ kind: "lte" }));
  assert.equal(rig.health.pulses, pulses);
  rig.follow(subject({ kind: "lte", resolvers: [ip("192.0.2.54")] }));
  assert.equal(rig.health.pulses, pulses);
  assert.ok(rig.health.checks.some(({ plan, last }) => plan.label === "resolver 192.0.2.54" && last === undefined));
  assert.ok(
    rig.health.checks.some(({ plan, last }) => plan.kind === "tcp" && last !== undefined),
    "the rest stays",
  );
  rig.follow(subject({ kind: "lte", profile: "fast" }));
  assert.deepEqual([rig.health.pulses.interval, rig.verdict.state], [50, "up"]);
  rig.run(60_000);
  assert.deepEqual(states(rig), ["probing", "up"]);
});

test("what is followed is told when it changed, and only then", () => {
  const rig = new Rig().run(5_000);
  const config = healthConfig();
  const kinds = (subjects: readonly PathSubject[]) =>
    follow(rig.state, subjects, millis(rig.now), config, false).effects.map(({ kind }) => kind);
  assert.deepEqual(kinds([subject()]), []);
  assert.deepEqual(kinds([subject(), other()]), ["follow"]);
  assert.deepEqual(kinds([]), ["follow"]);
});

test("a stop of ours is seen by whatever comes first after it, a change of the network too", () => {
  const rig = new Rig().run(20_000);
  rig.now += 5_000;
  rig.follow(subject(), other());
  assert.deepEqual([rig.state.stalls.count, rig.state.stalls.total > 4_000], [1, true]);
  rig.run(10_000);
  assert.deepEqual(states(rig), ["probing", "up"]);
  assert.equal(rig.state.stalls.count, 1);
});

test("a tick that is late by no more than 25 ms is no stall", () => {
  const rig = new Rig().run(20_000);
  const { wakeAt, stalls } = rig.state;
  const late = (by: number) => tick(rig.state, millis((wakeAt ?? 0) + by), healthConfig()).health.stalls.count;
  assert.deepEqual([late(0), late(25), late(26)], [stalls.count, stalls.count, stalls.count + 1]);
});

test("a path that returns proves itself for as long as we run, not while we are stopped", () => {
  const rig = new Rig().run(20_000);
  rig.line = dead;
  rig.run(10_000);
  rig.line = good();
  rig.run(3_000);
  rig.stop(20_000).run(4_000);
  assert.equal(rig.verdict.state, "probing");
  rig.run(8_000);
  assert.equal(rig.verdict.state, "up");
});
