/** What was seen of late: how long it is remembered, and that memory has a bound whatever comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultSeen, Seen } from "@ropewalk/mesh/pure/protection/seen";
import fc from "fast-check";

const key = new Uint8Array(16).fill(7);

function numbered(number: number): Uint8Array {
  const octets = new Uint8Array(12);
  new DataView(octets.buffer).setFloat64(4, number);
  return octets;
}

test("what comes again is not new, however often", () => {
  const seen = new Seen(key);
  assert.deepEqual(
    [1, 2, 1, 1, 3, 2].map((number) => seen.isNew(numbered(number))),
    [true, true, false, false, true, false],
  );
});

test("each is remembered at least until as many others came as one generation holds, and then forgotten", () => {
  const most = 1000;
  const seen = new Seen(key, { most });
  for (let number = 0; number < 50 * most; number += 1) {
    assert.equal(seen.isNew(numbered(number)), true, `${number}`);
    if (number >= most) assert.equal(seen.isNew(numbered(number - most)), false, `${number - most} after ${number}`);
    assert.ok(seen.size <= 2 * most);
  }
  assert.equal(seen.isNew(numbered(50 * most - 2 * most - 1)), true);
});

test("a million that are new take 2 MiB and no more; an idle one takes 4 KiB", () => {
  const seen = new Seen(key);
  assert.equal(seen.memory, 4096);
  let most = 0;
  for (let number = 0; number < 1_000_000; number += 1) {
    seen.isNew(numbered(number));
    most = Math.max(most, seen.memory);
  }
  assert.equal(most, 2 * 2 ** 20);
  assert.ok(seen.size >= defaultSeen.most);
});

test("it is new exactly where a set of the last generations had it not, for octets of any length", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 40 })), {
        maxLength: 2000,
        size: "max",
      }),
      (most, inputs) => {
        const seen = new Seen(key, { most });
        let [younger, older] = [new Set<string>(), new Set<string>()];
        for (const [number, length] of inputs) {
          const octets = new Uint8Array(length + 8);
          new DataView(octets.buffer).setFloat64(length, number);
          const name = octets.toHex();
          const isNew = !younger.has(name) && !older.has(name);
          assert.equal(seen.isNew(octets), isNew);
          if (isNew && younger.size >= most) [younger, older] = [new Set(), younger];
          if (isNew) younger.add(name);
          assert.equal(seen.size, younger.size + older.size);
        }
      },
    ),
    { numRuns: 30 },
  );
});
