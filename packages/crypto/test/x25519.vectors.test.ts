/** X25519 as RFC 7748 has it, and peers whose keys hide nothing. */
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { test } from "node:test";
import { x25519 } from "@noble/curves/ed25519.js";
import {
  generateX25519Key,
  X25519PublicKey,
  x25519KeyFromSeed,
  x25519PublicKeyFromRaw,
} from "@ropewalk/crypto/key-agreement";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import fc from "fast-check";
import { hex } from "./hex.ts";

function multiply(scalar: Uint8Array, u: Uint8Array): Uint8Array {
  return x25519KeyFromSeed(new SecretBytes(Uint8Array.from(scalar)))
    .agree(x25519PublicKeyFromRaw(u))
    .reveal();
}

test("X25519 gives the products of RFC 7748 §5.2, the second with a u whose top bit is set", () => {
  const products = [
    [
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ],
    [
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ],
  ] as const;
  for (const [scalar, u, product] of products) assert.equal(multiply(hex(scalar), hex(u)).toHex(), product);
});

test("a thousand products, each of the last two, end where RFC 7748 §5.2 ends", () => {
  let [k, u] = [hex(`09${"00".repeat(31)}`), hex(`09${"00".repeat(31)}`)];
  for (let round = 1; round <= 1_000; round += 1) {
    [k, u] = [multiply(k, u), k];
    if (round === 1) assert.equal(k.toHex(), "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
  }
  assert.equal(k.toHex(), "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
});

test("Alice and Bob of RFC 7748 §6.1 agree", () => {
  const alice = x25519KeyFromSeed(
    new SecretBytes(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")),
  );
  const bob = x25519KeyFromSeed(
    new SecretBytes(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")),
  );
  assert.equal(alice.publicKey.raw().toHex(), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  assert.equal(bob.publicKey.raw().toHex(), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  assert.equal(alice.agree(bob.publicKey).reveal().toHex(), shared);
  assert.equal(bob.agree(alice.publicKey).reveal().toHex(), shared);
});

test("a peer's key of small order is refused when it comes in, and what got past that gives no secret of zeros", () => {
  const weak = ["00", "01", "ec", "ed", "ee"].map((low, index) =>
    index < 2 ? hex(`${low}${"00".repeat(31)}`) : hex(`${low}${"ff".repeat(30)}7f`),
  );
  weak.push(hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"));
  weak.push(hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"));
  for (const raw of weak.flatMap((key) => [key, withTopBit(key)])) {
    assert.throws(() => x25519PublicKeyFromRaw(raw), { code: "CRYPTO_KEY_WEAK" });
    const unchecked = new X25519PublicKey(
      createPublicKey({ key: raw, format: "raw-public", asymmetricKeyType: "x25519" }),
    );
    assert.throws(() => generateX25519Key().agree(unchecked), { code: "CRYPTO_KEY_WEAK" });
  }
});

test("keys of another length are refused", () => {
  assert.throws(() => x25519PublicKeyFromRaw(new Uint8Array(31).fill(9)), { code: "CRYPTO_KEY_INVALID" });
  assert.throws(() => x25519KeyFromSeed(new SecretBytes(new Uint8Array(33))), { code: "CRYPTO_KEY_INVALID" });
});

test("a key comes back from its seed, and noble agrees on every secret", () => {
  const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(seed, (octets) => {
      const key = x25519KeyFromSeed(new SecretBytes(Uint8Array.from(octets)));
      assert.deepEqual(key.seed().reveal(), octets);
      const peer = generateX25519Key();
      assert.deepEqual(key.agree(peer.publicKey).reveal(), x25519.getSharedSecret(octets, peer.publicKey.raw()));
    }),
    { numRuns: 20 },
  );
});

function withTopBit(raw: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(raw);
  copy[31] = (copy[31] as number) | 0x80;
  return copy;
}
