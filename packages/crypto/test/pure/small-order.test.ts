import assert from "node:assert/strict";
import { test } from "node:test";
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { isCanonicalEdwards, isSmallOrderEdwards, isSmallOrderMontgomery } from "@ropewalk/crypto/pure/small-order";
import fc from "fast-check";
import { hex } from "../hex.ts";

const p = 2n ** 255n - 19n;
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

function encoded(value: bigint, sign: 0 | 1 = 0): Uint8Array {
  const octets = hex(value.toString(16).padStart(64, "0")).toReversed();
  octets[31] = (octets[31] as number) | (sign << 7);
  return octets;
}

function decoded(octets: Uint8Array): bigint {
  return BigInt(`0x${octets.toReversed().toHex()}`) & (2n ** 255n - 1n);
}

/** Every encoding of `value` in 255 bits, and either sign. */
function encodings(value: bigint): readonly Uint8Array[] {
  const values = [value, value + p].filter((candidate) => candidate < 2n ** 255n);
  return values.flatMap((candidate) => [encoded(candidate), encoded(candidate, 1)]);
}

test("all encodings of the eight points of small order are told, and nothing near them", () => {
  const ys = new Set(ED25519_TORSION_SUBGROUP.map((point) => decoded(hex(point))));
  assert.equal(ys.size, 5);
  for (const y of ys) for (const encoding of encodings(y)) assert.ok(isSmallOrderEdwards(encoding), encoding.toHex());
  for (const y of [2n, p - 2n, p + 2n]) assert.ok(!isSmallOrderEdwards(encoded(y)));
});

test("all encodings of u that multiply to zero are told, on the curve and on its twist", () => {
  const us = new Set(ED25519_TORSION_SUBGROUP.slice(1).map((point) => decoded(ed25519.utils.toMontgomery(hex(point)))));
  // Of the twist, -1 alone has a small order that the curve's own map does not reach. Source: RFC 7748 §7.
  for (const u of [...us, 0n, 1n, p - 1n])
    for (const encoding of encodings(u)) assert.ok(isSmallOrderMontgomery(encoding), encoding.toHex());
  for (const u of [2n, 9n, p - 2n, p + 2n]) assert.ok(!isSmallOrderMontgomery(encoded(u)));
});

test("an encoding is canonical when y is below p, whatever the sign", () => {
  fc.assert(fc.property(key, (octets) => assert.equal(isCanonicalEdwards(octets), decoded(octets) < p)));
  for (let y = p - 3n; y < 2n ** 255n; y += 1n) {
    for (const sign of [0, 1] as const) assert.equal(isCanonicalEdwards(encoded(y, sign)), y < p);
  }
});
