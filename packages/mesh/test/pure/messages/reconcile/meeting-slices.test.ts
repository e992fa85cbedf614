/** Slices are as small as they must be and no longer than they must, and a meeting says whether more is worth while. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { twoSets } from "./element-rows.ts";
import { exchange, MeetingPair } from "./meeting-pair.ts";

/** Bits that the leading end asks for, meeting by meeting, in which all that differs is given. */
function slicesAsked(pair: MeetingPair, meetings: number): readonly number[] {
  return Array.from({ length: meetings }, (_, meeting) => {
    const now = meeting * 60_000;
    pair.low.begin(now);
    const opening = pair.low.next();
    assert.ok(opening?.kind === "begin");
    pair.high.hear(opening, now);
    pair.settle(now);
    exchange(pair.low, pair.high);
    return opening.slice;
  });
}

test("after a difference that was too large slices grow again, meeting by meeting, as less differs", () => {
  const { one, other } = twoSets(1, 0, 2_000, 2_000);
  const asked = slicesAsked(new MeetingPair(one, other), 12);
  const most = Math.max(...asked);
  assert.ok(most >= 2, `${asked}`);
  assert.deepEqual(asked.slice(-2), [0, 0], `${asked}`);
  assert.ok(
    asked.slice(asked.indexOf(most) + 1).every((bits, index, all) => index === 0 || bits <= (all[index - 1] ?? 0)),
  );
});

test("where the most symbols were not enough by a little, a smaller slice meets at once", () => {
  const begun = Array.from({ length: 40 }, (_, seed) => {
    const { one, other } = twoSets(seed, 100, 19, 19);
    const pair = new MeetingPair(one, other, { seed, limits: { mostSymbols: 64 } });
    pair.low.begin();
    let begins = 0;
    for (let said = pair.low.next(); said !== undefined; said = pair.low.next()) {
      if (said.kind === "begin") begins += 1;
      pair.high.hear(said);
      for (let back = pair.high.next(); back !== undefined; back = pair.high.next()) pair.low.hear(back);
    }
    assert.deepEqual([pair.low.ended, pair.high.ended], ["met", "met"], `seed ${seed}`);
    return begins;
  });
  assert.ok(begun.includes(1) && begun.includes(2), `${begun}`);
});

test("a store that is too large never meets whole, however little differs", () => {
  const { one, other } = twoSets(2, 1_000, 1, 1);
  assert.deepEqual(slicesAsked(new MeetingPair(one, other, { limits: { mostElements: 300 } }), 4), [2, 2, 2, 2]);
});

test("more is left where a slice differed in something, and not where it was the same", () => {
  const { one, other } = twoSets(3, 200, 40, 40);
  for (const [sets, left] of [
    [{ one, other }, true],
    [{ one, other: one }, false],
  ] as const) {
    const pair = new MeetingPair(sets.one, sets.other, { limits: { mostElements: 150 } });
    pair.low.begin();
    pair.settle();
    for (const end of [pair.low, pair.high]) {
      const met = end.outcomes.findLast(({ kind }) => kind === "met");
      assert.equal(met?.kind === "met" && met.left, left);
    }
  }
});

test("nothing is left where all has met and all was given", () => {
  const { one, other } = twoSets(4, 200, 40, 40);
  const pair = new MeetingPair(one, other);
  pair.low.begin();
  pair.settle();
  assert.deepEqual(pair.low.outcomes.at(-1), { kind: "met", wanted: 40, left: false });
  assert.deepEqual(pair.high.outcomes.at(-1), { kind: "met", wanted: 0, left: false });
});
