import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader } from "@ropewalk/kernel/bytes";
import fc from "fast-check";

test("reading past the end gives nothing and moves nowhere", () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3), { littleEndian: true });
  assert.equal(reader.u16(), 0x0201);
  assert.equal(reader.u32(), undefined);
  assert.equal(reader.remaining, 1);
  assert.equal(reader.u8(), 3);
});

test("a reader over part of a buffer stays inside that part", () => {
  const part = Uint8Array.of(9, 1, 0, 0, 0, 9).subarray(1, 5);
  const reader = new ByteReader(part, { littleEndian: true });
  assert.equal(reader.u32(), 1);
  assert.equal(reader.u8(), undefined);
});

test("no sequence of reads throws or leaves the bytes", () => {
  const step = fc.constantFrom("u8", "u16", "u32", "i32", "u64", "take", "skip");
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.tuple(step, fc.integer({ min: -3, max: 50 }))),
      (octets, steps) => {
        const reader = new ByteReader(octets, { littleEndian: false });
        for (const [verb, length] of steps) {
          if (verb === "take") reader.take(length);
          else if (verb === "skip") reader.skip(Math.max(0, length));
          else reader[verb as "u8"]();
          assert.ok(reader.remaining >= 0 && reader.remaining <= octets.length);
        }
      },
    ),
  );
});
