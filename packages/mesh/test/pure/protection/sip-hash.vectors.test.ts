/** SipHash-2-4 beside the paper's example, the authors' vectors, and the paper's text written down with 64-bit words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { writeU32 } from "@ropewalk/kernel/big-endian";
import { sipHash, sipHashEight, sipKey } from "@ropewalk/mesh/pure/protection/sip-hash";
import fc from "fast-check";

const counted = (length: number) => Uint8Array.from({ length }, (_, index) => index);

function hashOf(key: Uint8Array, octets: Uint8Array): string {
  const into = new Uint32Array(2);
  sipHash(sipKey(key), octets, into);
  return new Uint8Array(into.buffer).toHex();
}

test("the example of the paper: Appendix A", () => {
  assert.equal(hashOf(counted(16), counted(15)), Uint8Array.fromHex("a129ca6149be45e5").toReversed().toHex());
});

/** Of veorq/SipHash, vectors.h, vectors_sip64: by length of the input. */
const vectors: readonly (readonly [number, string])[] = [
  [0, "310e0edd47db6f72"],
  [1, "fd67dc93c539f874"],
  [2, "5a4fa9d909806c0d"],
  [3, "2d7efbd796666785"],
  [4, "b7877127e09427cf"],
  [5, "8da699cd64557618"],
  [6, "cee3fe586e46c9cb"],
  [7, "37d1018bf50002ab"],
  [8, "6224939a79f5f593"],
  [63, "724506eb4c328a95"],
];

for (const [length, expected] of vectors) {
  test(`the authors' vector of ${length} octets`, () => {
    assert.equal(hashOf(counted(16), counted(length)), expected);
  });
}

test("it is what the paper's text gives, for any key and any octets", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.uint8Array({ maxLength: 200, size: "max" }),
      (key, octets) => {
        assert.equal(hashOf(key, octets), byText(key, octets));
      },
    ),
  );
});

test("two words are hashed as the eight octets that they are", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.nat(2 ** 32 - 1),
      fc.nat(2 ** 32 - 1),
      (key, first, second) => {
        const [octets, into] = [new Uint8Array(8), new Uint32Array(2)];
        writeU32(octets, 0, first);
        writeU32(octets, 4, second);
        sipHashEight(sipKey(key), first, second, into);
        assert.equal(new Uint8Array(into.buffer).toHex(), hashOf(key, octets));
      },
    ),
  );
});

test("octets that begin in the middle of a buffer are hashed as the same octets alone", () => {
  assert.equal(hashOf(counted(16), counted(40).subarray(8, 31)), hashOf(counted(16), counted(40).slice(8, 31)));
});

function byText(key: Uint8Array, octets: Uint8Array): string {
  const word = (of: Uint8Array, at: number) => new DataView(of.buffer, of.byteOffset).getBigUint64(at, true);
  const rotated = (value: bigint, by: bigint) => BigInt.asUintN(64, (value << by) | (value >> (64n - by)));
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const round = () => {
    v0 = BigInt.asUintN(64, v0 + v1);
    v2 = BigInt.asUintN(64, v2 + v3);
    v1 = rotated(v1, 13n) ^ v0;
    v3 = rotated(v3, 16n) ^ v2;
    v0 = rotated(v0, 32n);
    v2 = BigInt.asUintN(64, v2 + v1);
    v0 = BigInt.asUintN(64, v0 + v3);
    v1 = rotated(v1, 17n) ^ v2;
    v3 = rotated(v3, 21n) ^ v0;
    v2 = rotated(v2, 32n);
  };
  const padded = new Uint8Array((Math.floor(octets.length / 8) + 1) * 8);
  padded.set(octets);
  padded[padded.length - 1] = octets.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const message = word(padded, at);
    v3 ^= message;
    round();
    round();
    v0 ^= message;
  }
  v2 ^= 0xffn;
  for (let count = 0; count < 4; count += 1) round();
  const into = new DataView(new ArrayBuffer(8));
  into.setBigUint64(0, v0 ^ v1 ^ v2 ^ v3, true);
  return new Uint8Array(into.buffer).toHex();
}
