/** Which next hop is used, that it does not flap, and which are kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { acknowledged, lost, shareAt, unproven } from "@ropewalk/mesh/pure/delivery-score";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import {
  chooseNextHop,
  keptNextHops,
  nextHopWeight,
  type RatedNextHop,
  rankNextHops,
} from "@ropewalk/mesh/pure/next-hop";
import { transportClasses } from "@ropewalk/mesh/pure/transport-class";
import fc from "fast-check";

const now = millis(10_000);
const hop = (id: number, hops: number, more: Partial<RatedNextHop> = {}): RatedNextHop => ({
  link: id as LinkId,
  peer: `peer of ${id}` as MeshAddress,
  hops,
  score: 0.5,
  bypassedUntil: millis(0),
  cost: 0,
  class: "unconstrained",
  ...more,
});
const chosen = (candidates: readonly RatedNextHop[], inUse?: number) =>
  chooseNextHop(candidates, inUse as LinkId | undefined, now)?.link;

test("of those that are equally good the nearest is used, and of none, none", () => {
  assert.equal(chosen([hop(1, 4), hop(2, 3), hop(3, 5)]), 2);
  assert.equal(chosen([]), undefined);
  assert.equal(chosen([], 1), undefined);
});

test("who delivers is used before who only says that it is nearer", () => {
  assert.equal(chosen([hop(1, 1, { score: 0.1 }), hop(2, 5, { score: 0.9 })]), 2);
});

test("of those that delivered nothing at all, the nearest", () => {
  const ranked = rankNextHops([hop(1, 9, { score: 0 }), hop(2, 3, { score: 0 }), hop(3, 6, { score: 0 })], now);
  assert.deepEqual(
    ranked.map(({ link }) => link),
    [2, 3, 1],
  );
});

test("the one in use stays until another is clearly better, is bypassed, or is gone", () => {
  const inUse = hop(1, 5);
  assert.equal(chosen([inUse, hop(2, 4.1)], 1), 1);
  assert.equal(chosen([inUse, hop(2, 3.9)], 1), 2);
  assert.equal(chosen([{ ...inUse, bypassedUntil: millis(10_001) }, hop(2, 60)], 1), 2);
  assert.equal(chosen([{ ...inUse, bypassedUntil: now }, hop(2, 60)], 1), 1);
  assert.equal(chosen([hop(2, 60)], 1), 2);
});

test("where all are bypassed, the one is used whose time is over first", () => {
  assert.equal(chosen([hop(1, 1, { bypassedUntil: millis(30_000) }), hop(2, 9, { bypassedUntil: millis(12_000) })]), 2);
  assert.equal(
    chosen([hop(1, 1, { bypassedUntil: millis(30_000) }), hop(2, 9, { bypassedUntil: millis(12_000) })], 1),
    2,
  );
});

test("a poor link, or one that costs, is used to spare several hops and not one", () => {
  assert.equal(chosen([hop(1, 3), hop(2, 2, { class: "constrained" })]), 1);
  assert.equal(chosen([hop(1, 9), hop(2, 2, { class: "constrained" })]), 2);
  assert.equal(chosen([hop(1, 3), hop(2, 2, { cost: 100 })]), 1);
  assert.equal(chosen([hop(1, 5), hop(2, 2, { cost: 100 })]), 2);
  const weights = transportClasses.map((of) => nextHopWeight(hop(1, 2, { class: of })));
  assert.deepEqual(
    weights,
    weights.toSorted((one, other) => one - other),
  );
});

test("a black hole that says it is a hop away is left at its third loss, and then costs one loss in ten minutes", () => {
  let [hole, honest] = [unproven, unproven];
  let inUse: LinkId | undefined;
  const losses: number[] = [];
  for (let at = 0; at < 3_600_000; at += 1000) {
    const candidates = [
      hop(1, 1, { score: shareAt(hole, millis(at)), bypassedUntil: hole.bypassedUntil }),
      hop(2, 6, { score: shareAt(honest, millis(at)), bypassedUntil: honest.bypassedUntil }),
    ];
    inUse = chooseNextHop(candidates, inUse, millis(at))?.link;
    if (inUse === 1) {
      hole = lost(hole, millis(at));
      losses.push(at);
    } else honest = acknowledged(honest, millis(at));
    if (at === 3000) assert.equal(inUse, 2);
  }
  assert.deepEqual(losses.slice(0, 4), [0, 1000, 2000, 32_000]);
  assert.ok(losses.filter((at) => at >= 1_800_000).length <= 3, `${losses}`);
});

test("of many, the best are kept, and among them always two of different neighbours", () => {
  const near = [1, 2, 3, 4].map((id) => hop(id, id, { peer: "near" as MeshAddress }));
  const kept = keptNextHops([...near, hop(5, 50), hop(6, 40)], 4, now);
  assert.deepEqual(
    kept.map(({ link }) => link),
    [1, 2, 3, 6],
  );
  assert.deepEqual(
    keptNextHops(near, 3, now).map(({ link }) => link),
    [1, 2, 3],
  );
  assert.deepEqual(
    keptNextHops([hop(1, 1), hop(2, 2), hop(3, 3)], 1, now).map(({ link }) => link),
    [1, 2],
  );
});

const anyHop = fc.record({
  link: fc.integer({ min: 1, max: 100 }).map((id) => id as LinkId),
  peer: fc.constantFrom("a", "b", "c").map((name) => name as MeshAddress),
  hops: fc.integer({ min: 1, max: 64 }),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
  bypassedUntil: fc.constantFrom(0, 9_000, 10_000, 20_000).map(millis),
  cost: fc.constantFrom(0, 100),
  class: fc.constantFrom(...transportClasses),
});
const anyHops = fc.uniqueArray(anyHop, { selector: ({ link }) => link, maxLength: 10, size: "max" });

test("whichever there are: order does not matter, one kept is as good as any that was not, and a choice, repeated, stays", () => {
  fc.assert(
    fc.property(anyHops, fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 100 }), (hops, most, inUse) => {
      assert.deepEqual(rankNextHops(hops, now), rankNextHops(hops.toReversed(), now));
      const kept = keptNextHops(hops, most, now);
      assert.equal(kept.length, Math.min(most, hops.length));
      assert.equal(kept[0], rankNextHops(hops, now)[0]);
      assert.ok(new Set(kept.map(({ peer }) => peer)).size >= Math.min(2, new Set(hops.map(({ peer }) => peer)).size));
      const used = chooseNextHop(hops, inUse as LinkId, now);
      assert.equal(used === undefined, hops.length === 0);
      assert.equal(chooseNextHop(hops, used?.link, now), used);
      const isBypassed = (each: RatedNextHop) => each.bypassedUntil > now;
      if (used !== undefined && isBypassed(used)) assert.ok(hops.every(isBypassed));
    }),
  );
});

test("nearer, more delivered and cheaper never make a next hop worse", () => {
  fc.assert(
    fc.property(anyHop, anyHop, (one, other) => {
      const better = {
        ...one,
        hops: Math.min(one.hops, other.hops),
        score: Math.max(one.score, other.score),
        cost: Math.min(one.cost, other.cost),
      };
      assert.ok(nextHopWeight(better) <= nextHopWeight(one));
    }),
  );
});
