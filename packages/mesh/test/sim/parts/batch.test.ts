import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { Batch } from "./batch.ts";
import type { Rise } from "./mesh-part.ts";

const plain = { noNullPrototype: true };
const frames = fc.array(
  fc.record(
    {
      rise: fc.record({ cable: fc.nat(), count: fc.nat() }, plain),
      arrival: fc.double({ min: 0, noNaN: true }),
      frame: fc.uint8Array(),
    },
    plain,
  ),
  { minLength: 1 },
);

test("what is taken of a batch is unpacked as it was put in, in octets of its own, and the batch is empty then", () => {
  fc.assert(
    fc.property(frames, (put) => {
      const batch = new Batch();
      for (const { rise, arrival, frame } of put) batch.add(rise, arrival, frame);
      const gathered = batch.take(millis(10)) ?? assert.fail();
      const given: { readonly rise: Rise; readonly arrival: number; readonly frame: Uint8Array }[] = [];
      Batch.unpack(gathered, (rise, arrival, frame) => {
        assert.equal(frame.buffer.byteLength, frame.length);
        given.push({ rise, arrival, frame });
      });
      assert.deepEqual(given, put);
      assert.equal(batch.take(millis(20)), undefined);
    }),
  );
});

test("a cut alone is worth a batch", () => {
  const batch = new Batch();
  batch.cuts.push({ at: millis(1), by: 2, of: 3, why: "tired" });
  assert.equal(batch.take(millis(5))?.cuts.length, 1);
  assert.equal(batch.take(millis(10)), undefined);
});
