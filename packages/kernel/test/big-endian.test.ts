import assert from "node:assert/strict";
import { test } from "node:test";
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from "@ropewalk/kernel/big-endian";
import fc from "fast-check";

const at = fc.nat(8);

test("numbers of 16 and 32 bits come back from where they were written, as DataView reads them", () => {
  fc.assert(
    fc.property(at, fc.nat(0xffff), fc.integer({ min: 0, max: 0xffff_ffff }), (place, short, long) => {
      const octets = new Uint8Array(16);
      const view = new DataView(octets.buffer);
      writeU16(octets, place, short);
      assert.deepEqual([readU16(octets, place), view.getUint16(place)], [short, short]);
      writeU32(octets, place, long);
      assert.deepEqual([readU32(octets, place), view.getUint32(place)], [long, long]);
    }),
  );
});

test("a number of 64 bits comes back while it is a safe integer, and is nothing beyond", () => {
  fc.assert(
    fc.property(at, fc.maxSafeNat(), (place, value) => {
      const octets = new Uint8Array(16);
      writeU64(octets, place, value);
      assert.equal(new DataView(octets.buffer).getBigUint64(place), BigInt(value));
      assert.equal(readU64(octets, place), value);
    }),
  );
  assert.equal(readU64(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0), 0), undefined);
});
