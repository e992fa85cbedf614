/** The search for the largest size that passes ends at it, wherever it lies, after few looks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sizesBetween } from "@ropewalk/backhaul/pure/probing/sizes-between";
import fc from "fast-check";

test("looks lie between what passes and what fails, apart and in order", () => {
  assert.deepEqual(sizesBetween(576, 1500), [807, 1038, 1269]);
  assert.deepEqual(sizesBetween(10, 14), [11, 12, 13]);
  assert.deepEqual(sizesBetween(10, 12), [11]);
  assert.deepEqual(sizesBetween(10, 11), []);
});

test("five rounds of looks find any limit of an Ethernet packet", () => {
  fc.assert(
    fc.property(fc.integer({ min: 576, max: 1499 }), (limit) => {
      let [passes, fails] = [576, 1500];
      for (let rounds = 0; rounds < 5 && fails - passes > 1; rounds += 1) {
        const looks = sizesBetween(passes, fails);
        passes = Math.max(passes, ...looks.filter((size) => size <= limit));
        fails = Math.min(fails, ...looks.filter((size) => size > limit));
      }
      assert.deepEqual([passes, fails], [limit, limit + 1]);
    }),
  );
});
