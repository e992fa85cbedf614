/** Scores of delivery: what bypasses a next hop, for how long, and what ends it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import {
  acknowledged,
  combinedShare,
  type DeliveryScore,
  isBypassed,
  lost,
  shareAt,
  unproven,
  unprovenShare,
} from "@ropewalk/mesh/pure/delivery-score";
import fc from "fast-check";

const at = millis;
const losses = (count: number, when: number, from: DeliveryScore = unproven) =>
  Array.from({ length: count }).reduce<DeliveryScore>((score) => lost(score, at(when)), from);

test("two losses in a row bypass nothing; the third does, for half a minute", () => {
  assert.equal(isBypassed(losses(2, 1000), at(1000)), false);
  const third = losses(3, 1000);
  assert.equal(isBypassed(third, at(1000)), true);
  assert.equal(isBypassed(third, at(30_999)), true);
  assert.equal(isBypassed(third, at(31_000)), false);
});

test("an acknowledgement between losses begins the row anew", () => {
  const score = losses(2, 10, acknowledged(losses(2, 1), at(5)));
  assert.equal(isBypassed(score, at(10)), false);
  assert.equal(isBypassed(lost(score, at(11)), at(11)), true);
});

test("what failed is tried again, and one loss then bypasses it for twice as long, ten minutes at most", () => {
  let score = losses(3, 0);
  const times: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const now = score.bypassedUntil;
    times.push(now - score.at);
    score = lost(score, now);
  }
  assert.deepEqual(
    times,
    [30, 60, 120, 240, 480, 600, 600, 600, 600, 600].map((seconds) => seconds * 1000),
  );
});

test("what was on its way when the bypass began makes it no longer", () => {
  const third = losses(3, 1000);
  const later = losses(20, 2000, third);
  assert.equal(later.bypassedUntil, third.bypassedUntil);
  assert.equal(later.bypasses, third.bypasses);
  assert.ok(shareAt(later, at(2000)) < shareAt(third, at(2000)));
});

test("one acknowledgement ends a bypass, and the doubling", () => {
  const bypassed = lost(lost(losses(3, 0), at(30_000)), at(90_000));
  assert.equal(bypassed.bypassedUntil, 210_000);
  const back = acknowledged(bypassed, at(91_000));
  assert.equal(isBypassed(back, at(91_000)), false);
  assert.equal(losses(3, 92_000, back).bypassedUntil, 122_000);
});

test("who delivers nears 1, who loses nears 0, and half of what is known fades in ten minutes", () => {
  let [good, bad] = [unproven, unproven];
  for (let count = 0; count < 60; count += 1) [good, bad] = [acknowledged(good, at(0)), lost(bad, at(0))];
  assert.ok(shareAt(good, at(0)) > 0.99);
  assert.ok(shareAt(bad, at(0)) < 0.01);
  for (const score of [good, bad]) {
    const faded = (shareAt(score, at(600_000)) - unprovenShare) / (score.share - unprovenShare);
    assert.ok(Math.abs(faded - 0.5) < 1e-9);
    assert.ok(Math.abs(shareAt(score, at(1e9)) - unprovenShare) < 1e-6);
  }
});

const history = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 400_000 })), { maxLength: 60, size: "max" });

function replay(events: readonly (readonly [boolean, number])[]): {
  readonly score: DeliveryScore;
  readonly now: number;
} {
  let [score, now] = [unproven, 0];
  for (const [isDelivered, pause] of events) {
    now += pause;
    score = isDelivered ? acknowledged(score, at(now)) : lost(score, at(now));
  }
  return { score, now };
}

test("after whatever was, a delivery never lowers the share, a loss never raises it, and it is in 0…1", () => {
  fc.assert(
    fc.property(history, (events) => {
      const { score, now } = replay(events);
      const share = shareAt(score, at(now));
      assert.ok(share >= 0 && share <= 1);
      assert.ok(shareAt(acknowledged(score, at(now)), at(now)) >= share);
      assert.ok(shareAt(lost(score, at(now)), at(now)) <= share);
      assert.ok(score.bypassedUntil - now <= 600_000);
    }),
  );
});

test("the share of a next hop rises with what it delivered there and with what its neighbour delivered, within 0…1", () => {
  fc.assert(
    fc.property(history, history, (there, everywhere) => {
      const [own, neighbour] = [replay(there), replay(everywhere)];
      const now = at(Math.max(own.now, neighbour.now));
      const share = combinedShare(own.score, neighbour.score, now);
      assert.ok(share >= -1e-9 && share <= 1 + 1e-9, `${share}`);
      assert.ok(combinedShare(acknowledged(own.score, now), neighbour.score, now) >= share - 1e-9);
      assert.ok(combinedShare(own.score, acknowledged(neighbour.score, now), now) >= share - 1e-9);
      assert.ok(combinedShare(lost(own.score, now), neighbour.score, now) <= share + 1e-9);
    }),
  );
});

test("where nothing is known of the destination the neighbour counts alone, and where all is known it does not", () => {
  let good = unproven;
  for (let count = 0; count < 200; count += 1) good = acknowledged(good, at(0));
  const bad = losses(200, 0);
  assert.equal(combinedShare(undefined, good, at(0)), shareAt(good, at(0)));
  assert.ok(Math.abs(combinedShare(bad, good, at(0))) < 1e-3);
  assert.ok(Math.abs(combinedShare(good, bad, at(0)) - 1) < 1e-3);
});
