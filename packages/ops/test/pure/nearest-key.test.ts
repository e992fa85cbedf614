/** The suggestion for a mistyped key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { editDistance, farthestSuggestion, nearestKey } from "../../src/pure/nearest-key.ts";

test("known distances: replace, insert, delete and a swap of neighbours are one edit each", () => {
  const cases = [
    ["mode", "mode", 0],
    ["mode", "node", 1],
    ["mode", "modes", 1],
    ["mode", "mde", 1],
    ["mode", "mdoe", 1],
    // The textbook pair: Levenshtein, 3.
    ["kitten", "sitting", 3],
    // Optimal string alignment gives 3 where unrestricted Damerau–Levenshtein gives 2.
    ["ca", "abc", 3],
  ] as const;
  for (const [from, to, distance] of cases) assert.equal(editDistance(from, to), distance, `${from} ${to}`);
});

test("the nearest of several keys is suggested, and nothing when none is near", () => {
  assert.equal(nearestKey("intervall", ["timeout", "interval", "internal"]), "interval");
  assert.equal(nearestKey("colour", ["mode", "port"]), undefined);
});

test("a short key is not suggested for one that shares few of its letters", () => {
  assert.equal(nearestKey("abc", ["xyz"]), undefined);
  assert.equal(nearestKey("prot", ["port"]), "port");
});

test("distance is a metric's: symmetric, and zero only for equal texts", () => {
  const text = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.equal(editDistance(a, b) === 0, a === b);
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
    }),
  );
});

test("what is suggested is known and within reach", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (unknown, known) => {
      const nearest = nearestKey(unknown, known);
      if (nearest === undefined) return;
      assert.ok(known.includes(nearest));
      assert.ok(editDistance(unknown, nearest) <= farthestSuggestion);
    }),
  );
});
