/** Ed25519 as RFC 8032 §7.1 has it, keys that prove nothing, and the map to X25519. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ED25519_TORSION_SUBGROUP, ed25519, x25519 } from "@noble/curves/ed25519.js";
import { x25519KeyOf, x25519PublicKeyOf } from "@ropewalk/crypto/ed25519-points";
import { generateX25519Key } from "@ropewalk/crypto/key-agreement";
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { signRaw, verifyRaw } from "@ropewalk/crypto/raw-signatures";
import { generateSigningKey, signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { verifyingKeyFromRaw, verifyingKeyFromSpki } from "@ropewalk/crypto/verifying-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import fc from "fast-check";
import { hex } from "./hex.ts";

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** RFC 8032 §7.1: TEST 1, 2, 3 and SHA(abc). */
const vectors = [
  {
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: new Uint8Array(),
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: hex("72"),
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: hex("af82"),
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
  {
    seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    message: new Uint8Array(createHash("sha512").update("abc").digest()),
    signature:
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  },
];

for (const [index, vector] of vectors.entries()) {
  test(`Ed25519 gives the key and the signature of RFC 8032 §7.1, vector ${index + 1}`, () => {
    const key = signingKeyFromSeed("ed25519", new SecretBytes(hex(vector.seed)));
    assert.equal(key.verifyingKey.raw().toHex(), vector.publicKey);
    assert.equal(signRaw(key, vector.message).toHex(), vector.signature);
    assert.ok(verifyRaw(key.verifyingKey, vector.message, hex(vector.signature)));
  });
}

test("a key of small order is refused in each of its encodings, raw and in a SubjectPublicKeyInfo", () => {
  const spki = generateSigningKey("ed25519").verifyingKey.toSpki().slice(0, -32);
  const signs = ED25519_TORSION_SUBGROUP.flatMap((point) => [hex(point), withSign(hex(point))]);
  const second = ["ed", "ee"].map((low) => hex(`${low}${"ff".repeat(30)}7f`)).flatMap((key) => [key, withSign(key)]);
  for (const raw of [...signs, ...second]) {
    assert.throws(() => verifyingKeyFromRaw("ed25519", raw), { code: "CRYPTO_KEY_WEAK" }, raw.toHex());
    assert.throws(() => verifyingKeyFromSpki(Uint8Array.from([...spki, ...raw])), { code: "CRYPTO_KEY_WEAK" });
  }
});

test("a key in a second encoding is refused, for two names of one key are two identities", () => {
  for (let low = 0xef; low <= 0xff; low += 1) {
    const raw = hex(`${low.toString(16)}${"ff".repeat(30)}7f`);
    assert.throws(() => verifyingKeyFromRaw("ed25519", raw), { code: "CRYPTO_KEY_INVALID" });
  }
});

test("two identities agree on a secret by their Ed25519 keys mapped to X25519", () => {
  const [a, b] = [generateSigningKey("ed25519"), generateSigningKey("ed25519")];
  const ours = x25519KeyOf(a).agree(x25519PublicKeyOf(b.verifyingKey)).reveal();
  assert.deepEqual(ours, x25519KeyOf(b).agree(x25519PublicKeyOf(a.verifyingKey)).reveal());
});

test("the mapped private key belongs to the mapped public key, and a second implementation agrees", () => {
  fc.assert(
    fc.property(seed, (octets) => {
      const key = signingKeyFromSeed("ed25519", new SecretBytes(Uint8Array.from(octets)));
      const mapped = x25519KeyOf(key);
      assert.deepEqual(mapped.publicKey.raw(), x25519PublicKeyOf(key.verifyingKey).raw());
      const peer = generateX25519Key();
      const shared = x25519.getSharedSecret(ed25519.utils.toMontgomerySecret(octets), peer.publicKey.raw());
      assert.deepEqual(mapped.agree(peer.publicKey).reveal(), shared);
    }),
    { numRuns: 10 },
  );
});

test("what is no point of the curve has no X25519 key", () => {
  // y = 2 has no x.
  const raw = hex(`02${"00".repeat(31)}`);
  assert.throws(() => x25519PublicKeyOf(verifyingKeyFromRaw("ed25519", raw)), { code: "CRYPTO_KEY_INVALID" });
});

test("Node and noble make the same signatures and take each other's", () => {
  fc.assert(
    fc.property(seed, fc.uint8Array({ maxLength: 100 }), (octets, message) => {
      const key = signingKeyFromSeed("ed25519", new SecretBytes(Uint8Array.from(octets)));
      const signature = signRaw(key, message);
      assert.deepEqual(signature, ed25519.sign(message, octets));
      assert.ok(ed25519.verify(signature, message, key.verifyingKey.raw(), { zip215: false }));
      assert.ok(!verifyRaw(key.verifyingKey, utf8("another"), signature));
    }),
    { numRuns: 20 },
  );
});

function withSign(raw: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(raw);
  copy[31] = (copy[31] as number) ^ 0x80;
  return copy;
}
