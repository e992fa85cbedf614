/** The pace of announces: what they may take of a link, and that poor links come to their bound first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import {
  type AnnouncePace,
  adaptedPace,
  announced,
  announceInterval,
  announceLifetime,
  announceShare,
  newPace,
  paceInterval,
  reannounceAt,
} from "@ropewalk/mesh/pure/congestion";
import fc from "fast-check";

const frame = 137;

test("a link that carries its announces easily keeps ten minutes, give or take a tenth", () => {
  const pace = adaptedPace(announced(newPace(millis(0)), 1000 * frame), bitsPerSecond(10_000_000), announceInterval);
  assert.equal(paceInterval(pace), 600_000);
  assert.equal(reannounceAt(seconds(7), pace, 0), 547_000);
  assert.equal(reannounceAt(seconds(7), pace, 0.5), 607_000);
  assert.equal(reannounceAt(seconds(7), pace, 1), 667_000);
});

test("where announces take twice their 2 %, they come half as often; it takes more than one interval to change by more than that", () => {
  const rate = bitsPerSecond(8_000);
  const taken = (share: number) => announced(newPace(millis(0)), share * 600_000);
  assert.equal(announceShare(taken(0.04), rate, announceInterval), 0.04);
  assert.equal(paceInterval(adaptedPace(taken(0.02), rate, announceInterval)), 600_000);
  assert.equal(paceInterval(adaptedPace(taken(0.03), rate, announceInterval)), 900_000);
  assert.equal(paceInterval(adaptedPace(taken(0.5), rate, announceInterval)), 1_200_000);
  const slow: AnnouncePace = { stretch: 8, octets: 0, since: millis(0) };
  assert.equal(adaptedPace(slow, rate, announceInterval).stretch, 4);
});

test("the share is of all that was told, of nothing where nothing was or no time passed, and of all of a link that carries nothing", () => {
  const told = announced(announced(newPace(millis(0)), 500), 1500);
  const rate = bitsPerSecond(8_000);
  assert.equal(announceShare(told, rate, seconds(10)), 0.2);
  assert.equal(announceShare(told, rate, millis(0)), 0);
  assert.equal(announceShare(told, bitsPerSecond(0), seconds(10)), 1);
  assert.equal(announceShare(newPace(millis(0)), bitsPerSecond(0), seconds(10)), 0);
});

test("an announce outlives one that is lost, half an hour for ten minutes, as long as its field can say at the slowest", () => {
  assert.equal(announceLifetime(announceInterval), seconds(1800));
  assert.equal(announceLifetime(seconds(30_000)), seconds(65_535));
  let pace = newPace(millis(0));
  for (let at = 0; at < 1e9; at += paceInterval(pace)) {
    pace = adaptedPace(announced(pace, 1e9), bitsPerSecond(100), millis(at + paceInterval(pace)));
  }
  assert.equal(announceLifetime(paceInterval(pace)), seconds(65_535));
  assert.ok(2 * (reannounceAt(millis(0), pace, 1) - 0) <= announceLifetime(paceInterval(pace)));
});

/** So many announces each interval, over a link of `rate`; the intervals until what it is paced by settles. */
function settled(nodes: number, rate: number): { readonly pace: AnnouncePace; readonly share: number } {
  const carried = bitsPerSecond(rate);
  let [pace, now, share]: [AnnouncePace, Millis, number] = [newPace(millis(0)), millis(0), 0];
  for (let round = 0; round < 12; round += 1) {
    now = millis(now + paceInterval(pace));
    const told = announced(pace, nodes * frame);
    share = announceShare(told, carried, now);
    pace = adaptedPace(told, carried, now);
  }
  return { pace, share };
}

test("a thousand nodes on a poor link settle at 2 % of it, and on a good one do not wait for that", () => {
  const [good, poor] = [settled(1000, 10_000_000), settled(1000, 50_000)];
  assert.equal(paceInterval(good.pace), 600_000);
  assert.ok(good.share < 0.001);
  assert.ok(poor.pace.stretch > 1.5 && poor.pace.stretch < 2.2, `${poor.pace.stretch}`);
  assert.ok(Math.abs(poor.share - 0.02) < 0.002, `${poor.share}`);
});

test("of as many announces, the poorer link is never paced faster, and of the same link more announces never make it faster", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5_000 }),
      fc.integer({ min: 0, max: 5_000 }),
      fc.integer({ min: 0, max: 1e8 }),
      fc.integer({ min: 0, max: 1e8 }),
      (nodes, more, rate, faster) => {
        const stretch = (of: number, at: number) => settled(of, at).pace.stretch;
        assert.ok(stretch(nodes, rate) >= stretch(nodes, rate + faster) - 1e-9);
        assert.ok(stretch(nodes, rate) <= stretch(nodes + more, rate) + 1e-9);
      },
    ),
  );
});

test("whatever is counted, at whatever times, the pace is between ten minutes and six hours, and the next announce is to come", () => {
  const event = fc.record({
    octets: fc.integer({ min: 0, max: 1e9 }),
    pause: fc.integer({ min: 0, max: 1e7 }),
    rate: fc.oneof(fc.constantFrom(0, 5e-324), fc.double({ min: 0, max: 1e10, noNaN: true })),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30, size: "max" }), (events) => {
      let [pace, now] = [newPace(millis(0)), 0];
      for (const { octets, pause, rate, chance } of events) {
        now += pause;
        const share = announceShare(announced(pace, octets), bitsPerSecond(rate), millis(now));
        assert.ok(share >= 0 && share <= 1);
        pace = adaptedPace(announced(pace, octets), bitsPerSecond(rate), millis(now));
        assert.ok(paceInterval(pace) >= 600_000 && paceInterval(pace) <= 6.1 * 3_600_000);
        const next = reannounceAt(millis(now), pace, chance) - now;
        assert.ok(next >= 0.9 * paceInterval(pace) - 1 && next <= 1.1 * paceInterval(pace) + 1);
      }
    }),
  );
});
