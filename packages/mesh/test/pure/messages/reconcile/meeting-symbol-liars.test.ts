/** Symbols that show nothing, or seem of ever more, are taken up to a limit, and who made them up is left alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultMeetingLimits } from "@ropewalk/mesh/pure/messages/reconcile/meeting-limits";
import type { CodedSymbol } from "@ropewalk/mesh/pure/messages/reconcile/rateless-table";
import type { MeetingOpening } from "@ropewalk/mesh/pure/messages/wire/meeting";
import { Random } from "@ropewalk/simnet/random";
import { twoSets } from "./element-rows.ts";
import { lower, MeetingEnd } from "./meeting-pair.ts";

const own = twoSets(1, 100, 0, 0).one;
const opening = (kind: MeetingOpening["kind"], count = 100): MeetingOpening => ({
  ...{ kind, count, slice: 0 },
  nonce: new Uint8Array(8),
});
const nothing: CodedSymbol = { high: 0, low: 0, check: 0, deviation: 0 };
const { rest, mostSymbols } = defaultMeetingLimits;

/** A neighbour that leads is given the symbols that it asks for, such as they are: how many it took, and how often it began. */
function lieTo(
  honest: MeetingEnd,
  now: number,
  symbol: (index: number, begun: number) => CodedSymbol,
  count = own.length / 2,
) {
  let [told, all, begun] = [0, 0, 0];
  const tell = (until: number) => {
    const symbols = Array.from({ length: until - told }, (_, index) => symbol(told + index, begun));
    honest.hear({ kind: "symbols", first: told, symbols }, now);
    told = until;
  };
  for (let said = honest.next(); said !== undefined; said = honest.next()) {
    if (said.kind === "more") tell(said.until);
    if (said.kind === "begin") {
      all += told;
      told = 0;
      begun += 1;
      honest.hear(opening("answer", count), now);
      tell(3);
    }
  }
  return { taken: all + told, begun };
}

test("symbols that never show anything are taken up to a limit, and then the neighbour is left alone, twice as long each time", () => {
  const chance = new Random(1);
  const word = () => chance.below(2 ** 32);
  const honest = new MeetingEnd(lower, own);
  let now = 0;
  for (const wait of [1, 2, 4, 8, 16, 32, 60, 60]) {
    honest.begin(now);
    const { taken } = lieTo(honest, now, () => ({ high: word(), low: word(), check: word(), deviation: 0 }));
    assert.ok(taken > 100 && taken <= 3 * mostSymbols, `${taken} symbols`);
    assert.equal(honest.ended, "failed");
    assert.equal(honest.meeting.restsUntil, now + wait * rest);
    honest.begin(now + wait * rest - 1);
    honest.hear(opening("begin"), now + wait * rest - 1);
    assert.deepEqual(honest.said(), ["over"], "it neither begins nor answers");
    now += wait * rest;
  }
});

test("numbers of elements that no slice would make bearable end it after the smallest", () => {
  const honest = new MeetingEnd(lower, own);
  honest.begin();
  const { taken, begun } = lieTo(honest, 0, (index) => ({ ...nothing, deviation: index % 2 === 0 ? 2 ** 31 - 1 : 0 }));
  assert.ok(taken <= 100, `${taken} symbols`);
  assert.equal(begun, 2);
  assert.deepEqual(honest.outcomes, [{ kind: "failed", why: "endless" }]);
});

test("who seems to have ever too much for a slice is met with smaller ones twice, and no more", () => {
  const honest = new MeetingEnd(lower, own);
  for (const now of [0, rest]) {
    honest.begin(now);
    const { begun } = lieTo(honest, now, (index) => ({ ...nothing, deviation: Math.floor(6_000 / (index + 2)) }));
    assert.equal(begun, 3);
    assert.deepEqual(honest.outcomes.splice(0), [{ kind: "failed", why: "endless" }]);
  }
});

test("a leading end asks for more so many times, whatever is left to be asked for", () => {
  const honest = new MeetingEnd(lower, own, { limits: { mostTurns: 3 } });
  honest.begin();
  const chance = new Random(2);
  lieTo(honest, 0, () => ({ ...nothing, high: chance.below(2 ** 32), check: 1 }));
  assert.deepEqual(honest.outcomes, [{ kind: "failed", why: "endless" }]);
  assert.equal(honest.frames, 1 + 3 + 1, "begin, three times more, and over");
});

test("smaller slices are tried twice again once a meeting was one", () => {
  const honest = new MeetingEnd(lower, twoSets(1, 1, 0, 0).one);
  for (const now of [0, 1]) {
    honest.begin(now);
    const { begun } = lieTo(
      honest,
      now,
      (index, begins) => {
        return { ...nothing, deviation: begins < 3 ? Math.floor(6_000 / (index + 2)) : 0 };
      },
      1,
    );
    assert.equal(begun, 3);
    assert.equal(honest.ended, "met");
  }
});
