/** A neighbour with whom meetings fail is left alone for longer each time, until one was worth something. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { LeftAlone } from "@ropewalk/mesh/pure/messages/reconcile/left-alone";

const limits = { rest: seconds(1), longestRest: seconds(5) };
const at = (second: number) => seconds(second);

test("each failure doubles the rest, up to the longest", () => {
  const left = new LeftAlone(limits);
  assert.equal(left.isOver(millis(0)), true);
  const rests = [0, 0, 0, 0, 0].map(() => {
    left.failed(at(10));
    return left.until - at(10);
  });
  assert.deepEqual(rests, [1_000, 2_000, 4_000, 5_000, 5_000]);
  assert.deepEqual([left.isOver(millis(14_999)), left.isOver(at(15))], [false, true]);
});

test("a meeting that was worth something makes the next rest the shortest again, and one of promises does not", () => {
  for (const [worth, expected] of [
    ["something", at(11)],
    ["promises", at(14)],
  ] as const) {
    const left = new LeftAlone(limits);
    left.failed(at(0));
    left.failed(at(0));
    left.met(worth);
    left.failed(at(10));
    assert.equal(left.until, expected);
  }
});

test("a promise that was not kept is a failure from when the next meeting is due, and once", () => {
  const left = new LeftAlone(limits);
  left.met("promises");
  assert.equal(left.isOver(at(10)), false);
  assert.equal(left.until, at(11));
  assert.equal(left.isOver(at(11)), true);
  left.met("promises");
  left.met("something");
  assert.equal(left.isOver(at(12)), true, "it was kept");
});
