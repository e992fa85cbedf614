/** SHA-256 and HKDF-SHA-256 by Node: FIPS 180-4's and RFC 5869's own examples. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { sha256 as pureSha256 } from "@ropewalk/crypto/pure/sha256";
import { hkdfSha256, sha256 } from "@ropewalk/crypto/sha256";
import fc from "fast-check";
import { hex } from "./hex.ts";

test("SHA-256 of abc is what FIPS 180-4's example says", () => {
  const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(sha256(utf8("abc")).toHex(), digest);
  assert.equal(sha256(utf8("abc")).constructor, Uint8Array);
});

test("SHA-256 by Node is what the pure one gives, of any octets and of views of them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(8), (octets, from) => {
      assert.deepEqual(sha256(octets.subarray(from)), pureSha256(octets.subarray(from)));
    }),
  );
});

test("HKDF-SHA-256 gives what RFC 5869 A.1 to A.3 say", () => {
  const counting = (from: number, to: number) => Uint8Array.from({ length: to - from + 1 }, (_, place) => from + place);
  const examples = [
    {
      secret: new Uint8Array(22).fill(0x0b),
      salt: counting(0x00, 0x0c),
      info: counting(0xf0, 0xf9),
      output: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    },
    {
      secret: counting(0x00, 0x4f),
      salt: counting(0x60, 0xaf),
      info: counting(0xb0, 0xff),
      output:
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    },
    {
      secret: new Uint8Array(22).fill(0x0b),
      salt: new Uint8Array(),
      info: new Uint8Array(),
      output: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    },
  ];
  for (const { secret, salt, info, output } of examples)
    assert.deepEqual(hkdfSha256(secret, salt, info, output.length / 2), hex(output));
  assert.throws(() => hkdfSha256(new Uint8Array(1), new Uint8Array(), new Uint8Array(), 255 * 32 + 1), RangeError);
});
