/** SHA-384, HMAC and comparison: FIPS 180-4's and RFC 4231's own examples. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { areEqual } from "@ropewalk/crypto/constant-time";
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { sha384 } from "@ropewalk/crypto/sha384";
import { joined } from "@ropewalk/kernel/bytes";
import fc from "fast-check";

test("SHA-384 of abc is what FIPS 180-4's example says", () => {
  const digest = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7";
  assert.equal(sha384.hash(utf8("abc")).toHex(), digest);
  assert.equal(sha384.hash(utf8("a"), utf8(""), utf8("bc")).toHex(), digest);
});

test("HMAC-SHA-384 is what RFC 4231 §4.2 says", () => {
  const key = new Uint8Array(20).fill(0x0b);
  assert.equal(
    sha384.hmac(key, utf8("Hi"), utf8(" There")).toHex(),
    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
  );
});

test("parts hash as the whole they make", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      assert.equal(
        sha384.hash(...parts).toHex(),
        createHash("sha384")
          .update(joined(...parts))
          .digest("hex"),
      );
    }),
  );
});

test("octets are equal when all of them are, and never when their number differs", () => {
  const octets = fc.uint8Array({ maxLength: 3 });
  fc.assert(fc.property(octets, octets, (a, b) => assert.equal(areEqual(a, b), a.toHex() === b.toHex())));
  assert.ok(!areEqual(Uint8Array.of(1), Uint8Array.of(1, 0)));
});
