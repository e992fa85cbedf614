/** The DER writer: octets of published examples, and what two readers that are not ours make of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AsnParser, OctetString } from "@peculiar/asn1-schema";
import { CRLNumber } from "@peculiar/asn1-x509";
import fc from "fast-check";
import {
  bitString,
  boolean,
  explicit,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  time,
  unsignedInteger,
  utf8String,
} from "../../src/certificates/pure/der.ts";

const hex = (octets: Uint8Array) => octets.toHex();

test("octets are those of X.690's own examples", () => {
  assert.equal(hex(boolean(true)), "0101ff"); // §8.2.2, §11.1
  assert.equal(hex(objectIdentifier("2.999.3")), "0603883703"); // §8.19.5
  // §8.9.3, {name "Smith", ok TRUE}, with a UTF8String in place of the IA5String.
  assert.equal(hex(sequence(utf8String("Smith"), boolean(true))), "300a0c05536d6974680101ff");
});

test("a whole number takes as few octets as can be, and never looks negative", () => {
  for (const [number, expected] of [
    [0, "020100"],
    [127, "02017f"],
    [128, "02020080"],
    [256, "02020100"],
    [0x8000, "0203008000"],
  ] as const) {
    assert.equal(hex(integer(number)), expected);
    assert.equal(hex(unsignedInteger(Uint8Array.fromHex(`0000${number.toString(16).padStart(4, "0")}`))), expected);
  }
  assert.equal(hex(unsignedInteger(new Uint8Array())), "020100");
});

test("lengths are written in the shortest form, below and above each limit of it", () => {
  for (const [length, head] of [
    [0x7f, "047f"],
    [0x80, "048180"],
    [0xff, "0481ff"],
    [0x100, "04820100"],
    [0xffff, "0482ffff"],
    [0x10000, "0483010000"],
  ] as const) {
    assert.equal(hex(octetString(new Uint8Array(length))).slice(0, head.length), head);
  }
});

test("key usage is a bit list without zeros at its end", () => {
  assert.equal(hex(namedBits([0])), "03020780"); // digitalSignature
  assert.equal(hex(namedBits([5, 6])), "03020106"); // keyCertSign, cRLSign
  assert.equal(hex(namedBits([0, 8])), "0303078080"); // and decipherOnly, in the second octet
  assert.equal(hex(namedBits([])), "030100");
});

test("times before 1950 and from 2050 on have four digits of the year, others two", () => {
  const shown = (iso: string) => new TextDecoder().decode(time(Date.parse(iso)).subarray(2));
  assert.equal(shown("1949-12-31T23:59:59Z"), "19491231235959Z");
  assert.equal(shown("1950-01-01T00:00:00Z"), "500101000000Z");
  assert.equal(shown("2049-12-31T23:59:59.999Z"), "491231235959Z");
  assert.equal(shown("2050-01-01T00:00:00Z"), "20500101000000Z");
});

test("what is no object identifier is a fault of the caller", () => {
  for (const text of ["", "1", "3.1", "1.40", "1.2.x", "1..2"])
    assert.throws(() => objectIdentifier(text), RangeError, text);
});

test("whole numbers come back as they were", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 160n - 1n), (number) => {
      assert.equal(BigInt(AsnParser.parse(integer(number), CRLNumber).value), number);
    }),
  );
});

test("octets come back as they were, however many there are, and wrapped however deep", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70_000, size: "max" }), (octets) => {
      assert.deepEqual(new Uint8Array(AsnParser.parse(octetString(octets), OctetString).buffer), octets);
      assert.equal(explicit(0, bitString(octets)).at(-1), octets.at(-1) ?? 0);
    }),
    { numRuns: 20 },
  );
});
