import assert from "node:assert/strict";
import { test } from "node:test";
import { applyDifference, differenceBetween } from "@ropewalk/backhaul/pure/replay/difference";
import { decodeValue, encodeValue } from "@ropewalk/backhaul/pure/replay/value-codec";
import fc from "fast-check";
import { plainValues } from "./plain-values.ts";

/** `before` with the difference to `after` applied to it, by way of the text in which the difference is recorded. */
function rebuilt(before: unknown, after: unknown): unknown {
  const text = decodeValue(encodeValue(differenceBetween(before, after)));
  assert.ok(text.kind === "value");
  const applied = applyDifference(before, text.value);
  assert.ok(applied.kind === "value", JSON.stringify(applied));
  return applied.value;
}

test("what is rebuilt from a difference has the text of what it was taken of", () => {
  fc.assert(
    fc.property(plainValues, plainValues, (before, after) => {
      assert.equal(encodeValue(rebuilt(before, after)), encodeValue(after));
      assert.equal(
        encodeValue(rebuilt({ before, same: [1] }, { before: after, same: [1] })),
        encodeValue({ before: after, same: [1] }),
      );
    }),
    { numRuns: 5_000 },
  );
});

test("between a value and its copy there is no difference", () => {
  fc.assert(
    fc.property(plainValues, (value) => {
      const copy = decodeValue(encodeValue(value));
      assert.ok(copy.kind === "value");
      // Objects in a set are told apart by what they are, not by what is in them.
      if (!encodeValue(value).includes('["$set"')) assert.equal(differenceBetween(value, copy.value), null);
    }),
    { numRuns: 2_000 },
  );
});

test("a link that changed is told by what changed", () => {
  const links = new Map([1, 2, 3].map((ifindex) => [ifindex, { ifindex, hasCarrier: true, master: undefined }]));
  const after = new Map(links);
  after.set(2, { ifindex: 2, hasCarrier: false, master: undefined });
  const difference = differenceBetween({ links, routes: [] }, { links: after, routes: [] });
  assert.equal(encodeValue(difference), '{"links":["map",[],[[2,{"hasCarrier":[false]}]]]}');
});

test("a link that went and came back stands last, as in the kernel's table", () => {
  const before = new Map([
    [1, "a"],
    [2, "b"],
  ]);
  const after = new Map([
    [2, "b"],
    [1, "a"],
  ]);
  assert.equal(encodeValue(differenceBetween(before, after)), '["map",[],[],[2,1]]');
  assert.deepEqual([...(rebuilt(before, after) as Map<number, string>)], [...after]);
});

test("an array is told by its items that changed, or by what was put in the place of what", () => {
  assert.equal(
    encodeValue(differenceBetween([{ a: 1, b: 2 }, "c"], [{ a: 1, b: 3 }, "c"])),
    '["items",[[0,{"b":[3]}]]]',
  );
  assert.deepEqual(differenceBetween(["a", "b", "c"], ["a", "x", "y", "c"]), ["splice", 1, 1, ["x", "y"]]);
  assert.deepEqual(differenceBetween(["a", "a"], ["a"]), ["splice", 1, 1, []]);
});

test("keys in another order are another value", () => {
  assert.deepEqual(differenceBetween({ a: 1, b: 2 }, { b: 2, a: 1 }), [{ b: 2, a: 1 }]);
});

test("any difference can be applied to anything, or is refused", () => {
  fc.assert(
    fc.property(plainValues, plainValues, (before, difference) => {
      const { kind } = applyDifference(before, difference);
      assert.ok(kind === "value" || kind === "malformed");
    }),
    { numRuns: 5_000 },
  );
});
