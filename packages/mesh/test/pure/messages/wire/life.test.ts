import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { coarseLife, decodeLife, encodeLife, longestLife } from "@ropewalk/mesh/pure/messages/wire/life";
import fc from "fast-check";

test("seconds are written to the second up to an hour, and to one in two thousand beyond", () => {
  const written: readonly (readonly [number, number])[] = [
    [1, 0x0001],
    [4_095, 0x0fff],
    [4_096, 0x1800],
    [4_097, 0x1800],
    [86_400, 0x5a8c],
    [7 * 86_400, 0x89_3a],
    [30 * 86_400, 0xa9e3],
  ];
  for (const [whole, code] of written) assert.equal(encodeLife(seconds(whole))?.toString(16), code.toString(16));
  assert.equal(decodeLife(0x0fff), seconds(4_095));
  assert.equal(decodeLife(0x1800), seconds(4_096));
  assert.equal(decodeLife(0x5a8c), seconds(86_400));
});

test("there is one way to write each life, and all else is none", () => {
  let lives = 0;
  for (let code = 0; code <= 0xffff; code += 1) {
    const life = decodeLife(code);
    if (life === undefined) continue;
    lives += 1;
    assert.ok(life >= 1_000 && life <= longestLife);
    assert.equal(encodeLife(life), code);
  }
  // All mantissas of exponent 0 but zero, the upper half of those of 1 to 9, and those of 10 up to thirty days.
  assert.equal(lives, 4_095 + 9 * 2_048 + (2_531 - 2_047));
});

test("a life is never written as longer than it is, nor much shorter", () => {
  const any = fc.double({ min: 1_000, max: longestLife, noNaN: true }).map(millis);
  fc.assert(
    fc.property(any, (left) => {
      const life = decodeLife(encodeLife(left) ?? 0) ?? assert.fail();
      assert.ok(life <= left);
      assert.ok(life > left * (1 - 1 / 2_048) - 1_000);
    }),
    { numRuns: 2_000 },
  );
});

test("less than a second is no life, and more than thirty days are thirty", () => {
  for (const left of [0, 1, 999.9]) assert.equal(encodeLife(millis(left)), undefined);
  assert.equal(encodeLife(millis(1e15)), encodeLife(longestLife));
});

test("of its own a node tells five binary digits, never more than is left, and a sixteenth less at most", () => {
  assert.deepEqual(
    [3_599, 3_600, 3_583, 604_800].map((left) => coarseLife(seconds(left)) / 1_000),
    [3_584, 3_584, 3_456, 589_824],
  );
  const any = fc.double({ min: 0, max: longestLife, noNaN: true }).map(millis);
  fc.assert(
    fc.property(any, (left) => {
      const coarse = coarseLife(left);
      assert.ok(coarse <= left && coarse >= (left * 15) / 16 - 1_000);
      assert.ok((coarse / 1_000).toString(2).replace(/0+$/, "").length <= 5);
    }),
    { numRuns: 2_000 },
  );
});
