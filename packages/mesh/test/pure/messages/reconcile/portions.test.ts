/** Few symbols at first, then as many as an estimate asks for, and ever more where that was not enough. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstPortion, nextPortion, symbolsFor } from "@ropewalk/mesh/pure/messages/reconcile/portions";

test("three symbols come unasked, and more where the stores' sizes differ, whichever is larger, but no more than 64", () => {
  const sizes = [
    [7, 7],
    [7, 8],
    [8, 7],
    [0, 40],
    [0, 41],
    [2 ** 32, 0],
  ] as const;
  assert.deepEqual(
    sizes.map(([one, other]) => firstPortion(one, other)),
    [3, 4, 4, 63, 64, 64],
  );
});

test("an estimate is believed as far as eight times what came", () => {
  assert.equal(symbolsFor(100), 144);
  assert.deepEqual([nextPortion(3, 10_000), nextPortion(16, 10_000), nextPortion(16, 20)], [24, 128, 32]);
  assert.equal(nextPortion(1, 10_000), 16);
});

test("where it was not enough, an eighth more is asked for, and more each time, up to twice as many", () => {
  assert.deepEqual([nextPortion(16, 5), nextPortion(40, 25)], [24, 48]);
  assert.deepEqual([nextPortion(144, 100), nextPortion(162, 100), nextPortion(216, 100)], [162, 183, 324]);
  assert.deepEqual([nextPortion(288, 100), nextPortion(500, 100)], [576, 1_000]);
});
