/** A neighbour that lies, is silent or never ends costs a bounded amount, and is left alone for a while that doubles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { elementsOf } from "@ropewalk/mesh/pure/messages/reconcile/element";
import { defaultMeetingLimits } from "@ropewalk/mesh/pure/messages/reconcile/meeting-limits";
import type { CodedSymbol } from "@ropewalk/mesh/pure/messages/reconcile/rateless-table";
import type { MeetingOpening, MeetingSaid } from "@ropewalk/mesh/pure/messages/wire/meeting";
import fc from "fast-check";
import { anyMeetingSaid } from "../wire/meetings.ts";
import { twoSets } from "./element-rows.ts";
import { higher, lower, MeetingEnd, MeetingPair } from "./meeting-pair.ts";

const own = twoSets(1, 100, 0, 0).one;
const opening = (kind: MeetingOpening["kind"], count = 100): MeetingOpening => ({
  ...{ kind, count, slice: 0 },
  nonce: new Uint8Array(8),
});
const nothing: CodedSymbol = { high: 0, low: 0, check: 0, deviation: 0 };
const { rest, patience, longest, mostSymbols } = defaultMeetingLimits;

test("symbols that were not asked for, or are not the next, end it", () => {
  const wrong: readonly MeetingSaid[] = [
    { kind: "symbols", first: 1, symbols: [nothing] },
    { kind: "symbols", first: 0, symbols: new Array<CodedSymbol>(4).fill(nothing) },
    { kind: "symbols", first: 0, symbols: [{ ...nothing, deviation: -101 }] },
  ];
  for (const said of wrong) {
    const honest = new MeetingEnd(lower, own);
    honest.begin();
    honest.hear(opening("answer"));
    honest.hear(said);
    assert.deepEqual(honest.outcomes, [{ kind: "failed", why: "lies" }]);
    assert.deepEqual(honest.said(), ["begin", "over"]);
  }
});

test("who asks for symbols again, or for more than there are to be, is given none", () => {
  for (const [until, why] of [
    [3, "lies"],
    [0, "lies"],
    [mostSymbols + 1, "endless"],
    [0xffff_ffff, "endless"],
  ] as const) {
    const honest = new MeetingEnd(higher, own);
    honest.hear(opening("begin"));
    honest.hear({ kind: "more", until });
    assert.deepEqual(honest.said(), ["answer", "symbols", "over"]);
    assert.deepEqual(honest.outcomes, [{ kind: "failed", why }]);
  }
});

test("who asks for one symbol at a time has so many turns", () => {
  const honest = new MeetingEnd(higher, own);
  honest.hear(opening("begin"));
  for (let until = 4; until < 100; until += 1) honest.hear({ kind: "more", until });
  assert.equal(honest.said().filter((kind) => kind === "symbols").length, 1 + defaultMeetingLimits.mostTurns);
  assert.deepEqual(honest.outcomes, [{ kind: "failed", why: "endless" }]);
});

test("of meetings that are begun without end few are answered, and the others refused in a word", () => {
  for (const address of [lower, higher]) {
    const honest = new MeetingEnd(address, own);
    for (let index = 0; index < 1_000; index += 1) honest.hear(opening("begin"), index);
    const said = honest.said();
    assert.equal(said.filter((kind) => kind === "answer").length, defaultMeetingLimits.answers.burst);
    assert.equal(said.filter((kind) => kind === "over").length, 1_000 - defaultMeetingLimits.answers.burst);
  }
});

test("who says that he has an exabyte, or wants the smallest slice, gets a small portion of it", () => {
  for (const address of [lower, higher]) {
    const honest = new MeetingEnd(address, own);
    honest.hear({ ...opening("begin", 0xffff_ffff), slice: 16 });
    assert.ok(honest.octets < 1_000, `${honest.octets} octets`);
    const counted = new MeetingEnd(address, own);
    counted.hear(opening("begin", 0xffff_ffff));
    assert.ok(counted.octets < 1_200, `${counted.octets} octets`);
  }
});

test("a neighbour that gives nothing of what it says to have is left alone from the next time on, unless something came", () => {
  for (const hasCome of [false, true]) {
    const pair = new MeetingPair(own, twoSets(1, 100, 0, 30).other);
    let now = 0;
    const waits = [1, 2, 3, 4].map(() => {
      const before = now;
      while (pair.low.ended === undefined) {
        pair.low.begin(now);
        pair.settle(now);
        if (pair.low.ended === undefined) now += 1_000;
      }
      if (hasCome) pair.low.meeting.came();
      pair.low.outcomes.splice(0);
      return now - before;
    });
    assert.deepEqual(waits, hasCome ? [0, 0, 0, 0] : [0, rest, 2 * rest, 4 * rest]);
  }
});

test("a neighbour that gives nothing, but lacks what this end can give, is met as before", () => {
  const pair = new MeetingPair(twoSets(1, 100, 5, 30).one, twoSets(1, 100, 5, 30).other);
  for (const now of [0, 1_000, 2_000]) {
    pair.low.begin(now);
    pair.settle(now);
  }
  assert.equal(pair.low.outcomes.filter(({ kind }) => kind === "met").length, 3);
});

test("silence ends a meeting in each of its phases, and no meeting is longer than its limit", () => {
  const asked = new MeetingEnd(lower, own);
  asked.begin();
  const leading = new MeetingEnd(lower, own);
  leading.hear(opening("begin"));
  const following = new MeetingEnd(higher, own);
  following.hear(opening("begin"));
  for (const end of [asked, leading, following]) {
    assert.equal(end.meeting.deadline(), patience);
    end.expire(patience - 1);
    assert.equal(end.ended, undefined);
    end.expire(patience);
    assert.deepEqual(end.outcomes, [{ kind: "failed", why: "silence" }]);
    assert.equal(end.meeting.deadline(), undefined);
  }
});

test("who goes on is waited for, but no longer than a meeting may be", () => {
  const slowly = patience - 1;
  const following = new MeetingEnd(higher, own);
  following.hear(opening("begin"));
  const leading = new MeetingEnd(lower, own);
  leading.hear(opening("begin"));
  let told = 0;
  for (let turn = 1; turn * slowly < longest; turn += 1) {
    for (const end of [following, leading]) end.expire(turn * slowly);
    following.hear({ kind: "more", until: 3 + turn }, turn * slowly);
    leading.hear({ kind: "symbols", first: told, symbols: [{ ...nothing, high: 1 }] }, turn * slowly);
    told += 1;
  }
  for (const end of [following, leading]) {
    assert.deepEqual(end.outcomes, []);
    assert.equal(end.meeting.deadline(), longest);
  }
});

test("who begins anew has given up what was under way, even where he is refused", () => {
  const honest = new MeetingEnd(lower, own, { limits: { answers: { perSecond: 0, burst: 1 } } });
  honest.hear(opening("begin"));
  assert.equal(honest.meeting.isIdle, false);
  honest.hear(opening("begin"));
  assert.equal(honest.meeting.isIdle, true);
  assert.deepEqual(honest.said(), ["answer", "over"]);
});

test("who has no time for a meeting says so, and the other does not ask again at once", () => {
  const pair = new MeetingPair(own, undefined);
  pair.low.begin();
  pair.settle();
  assert.deepEqual(pair.low.outcomes, [{ kind: "failed", why: "refused" }]);
  assert.deepEqual(pair.high.outcomes, []);
  assert.equal(pair.octets, 2 + 15 + 2 + 2);
  assert.equal(pair.low.meeting.restsUntil, rest);
  pair.high.begin(0);
  assert.equal(pair.high.waiting.length, 0);
});

test("who bears fewer symbols than are asked for is met with a smaller slice the next time", () => {
  const { one, other } = twoSets(2, 500, 200, 200);
  const modest = new MeetingEnd(higher, other, { limits: { mostSymbols: 128 } });
  const honest = new MeetingEnd(lower, one);
  const settle = (now: number) => {
    for (;;) {
      const [up, down] = [honest.next(), modest.next()];
      if (up !== undefined) modest.hear(up, now);
      if (down !== undefined) honest.hear(down, now);
      if (up === undefined && down === undefined) return;
    }
  };
  let [now, meetings] = [0, 0];
  while (honest.ended !== "met") {
    meetings += 1;
    assert.ok(meetings < 8, "they never meet");
    now = Math.max(now, honest.meeting.restsUntil, modest.meeting.restsUntil);
    honest.begin(now);
    settle(now);
  }
  assert.ok(meetings > 1 && honest.given.held.length > 0);
});

test("what is of a meeting that has ended is not heard", () => {
  const honest = new MeetingEnd(lower, own);
  honest.begin();
  honest.expire(patience);
  honest.said();
  const late: readonly MeetingSaid[] = [
    opening("answer"),
    { kind: "symbols", first: 0, symbols: [nothing] },
    { kind: "more", until: 9 },
    { kind: "done", wanted: elementsOf({ held: ["0000000000000010"], proved: [] }) },
    { kind: "over" },
  ];
  for (const said of late) honest.hear(said, patience);
  assert.deepEqual(honest.said(), []);
  assert.equal(honest.outcomes.length, 1);
});

test("whatever a neighbour says, in whatever order, what it costs is bounded and nothing is thrown", () => {
  const said = fc.oneof(anyMeetingSaid, fc.constant(opening("begin")), fc.constant(opening("answer")));
  fc.assert(
    fc.property(fc.array(said, { maxLength: 40 }), fc.boolean(), (all, isLower) => {
      const honest = new MeetingEnd(isLower ? lower : higher, own);
      honest.begin();
      for (const [index, one] of all.entries()) {
        honest.hear(one, index);
        honest.begin(index);
      }
      assert.ok(honest.octets < 9 * 2_000 + all.length * 100, `${honest.octets} octets`);
    }),
    { numRuns: 300 },
  );
});
