import assert from "node:assert/strict";
import { test } from "node:test";
import { leaseTerms, reachOf, renewalAt } from "@ropewalk/entry/pure/lease-terms";
import { mayBeTakenUntil } from "@ropewalk/entry/pure/node-clock";
import type { NodeId } from "@ropewalk/entry/pure/node-fitness";
import { namedBySnapshot } from "@ropewalk/entry/pure/node-snapshot";
import { millis, seconds } from "@ropewalk/kernel/units";
import { activeOn, terms } from "./session-of.ts";

const surely = { drift: 0, heartbeatAge: seconds(0), lateness: seconds(0) };

test("the margin is what clocks go apart in all the time that is reckoned over, and how late a node ends a lease", () => {
  // 0.001 of 60, 10 and 1,800 s, and 5 s.
  assert.equal(terms.margin, 6_870);
  assert.equal(leaseTerms(seconds(1_800), seconds(10), surely).margin, 0);
});

test("a removal is remembered for a lease, and for as long as an order may be on its way where that is longer", () => {
  assert.equal(terms.remember, 1_800_000);
  assert.equal(leaseTerms(seconds(5), seconds(10), { ...surely, lateness: seconds(1) }).remember, 11_000);
});

test("what is ordered may last until it was delivered at the last moment and its lease and the margin are over", () => {
  assert.equal(reachOf(millis(5), terms), 5 + 10_000 + 1_800_000 + 6_870);
});

test("a lease is prolonged when a third of it is over", () => {
  assert.equal(renewalAt(reachOf(millis(5), terms), terms), 5 + 600_000);
});

test("a node takes an order by its own clock, reckoned from its last heartbeat", () => {
  const heard = { boot: "boot 1", at: millis(700), heardAt: millis(10_000) };
  assert.deepEqual(mayBeTakenUntil(heard, millis(10_250), terms), { boot: "boot 1", at: 700 + 250 + 10_000 });
});

test("a database's clock that went back reckons no node's clock back", () => {
  const heard = { boot: "boot 1", at: millis(700), heardAt: millis(10_000) };
  assert.equal(mayBeTakenUntil(heard, millis(9_000), terms).at, 700 + 10_000);
});

test("a snapshot names what is wanted of its node, and reserves it as if it were ordered now", () => {
  const { placements } = activeOn("a").step({ kind: "move", to: { ...activeOn("b").on("b") } }).session;
  const named = namedBySnapshot(placements, "b" as NodeId, millis(9_000), terms);
  assert.deepEqual(
    named.map(({ id, role, generation, mayLastUntil }) => ({ id, role, generation, mayLastUntil })),
    [{ id: "on b", role: "coming", generation: 1, mayLastUntil: reachOf(millis(9_000), terms) }],
  );
  const drained = activeOn("a").step({ kind: "terminate" }).session.placements;
  assert.deepEqual(namedBySnapshot(drained, "a" as NodeId, millis(9_000), terms), []);
});
