/** Typed signing keys: what goes out comes back, what is no key is refused, and nothing shows when printed. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { CryptoError } from "@ropewalk/crypto/errors";
import { allSignatureAlgorithms, signatureAlgorithms } from "@ropewalk/crypto/signature-algorithms";
import {
  generateSigningKey,
  signingKeyFromPkcs8,
  signingKeyFromSeed,
  signingKeyOf,
} from "@ropewalk/crypto/signing-key";
import { verifyingKeyFromRaw, verifyingKeyFromSpki, verifyingKeyOf } from "@ropewalk/crypto/verifying-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

for (const algorithm of allSignatureAlgorithms) {
  test(`a key of ${algorithm} comes back from its seed, PKCS#8, raw and SubjectPublicKeyInfo forms`, () => {
    const key = generateSigningKey(algorithm);
    assert.equal(key.algorithm, algorithm);
    for (const back of [
      signingKeyFromSeed(algorithm, key.seed()),
      signingKeyFromPkcs8(key.toPkcs8()),
      signingKeyOf(key.privateKeyObject()),
    ]) {
      assert.ok(back.verifyingKey.equals(key.verifyingKey));
      assert.deepEqual(back.seed().reveal(), key.seed().reveal());
    }
    const raw = key.verifyingKey.raw();
    assert.equal(raw.length, signatureAlgorithms[algorithm].publicKeyLength);
    assert.ok(verifyingKeyFromRaw(algorithm, raw).equals(key.verifyingKey));
    assert.ok(verifyingKeyFromSpki(key.verifyingKey.toSpki()).equals(key.verifyingKey));
  });

  test(`a key of ${algorithm} shows none of its octets when it is printed`, () => {
    const key = generateSigningKey(algorithm);
    const hex = key.seed().reveal().toHex();
    for (const text of [inspect(key, { depth: 9, showHidden: true }), String(key), JSON.stringify(key)]) {
      assert.ok(!text.includes(hex.slice(0, 8)), text);
    }
    for (const text of [inspect(key.seed()), `${key.seed()}`, JSON.stringify(key.seed())])
      assert.match(text, /^"?\[secret\]"?$/);
  });

  test(`what is no key of ${algorithm} is refused with a code`, () => {
    const short = new SecretBytes(new Uint8Array(31));
    assert.throws(() => signingKeyFromSeed(algorithm, short), { code: "CRYPTO_KEY_INVALID" });
    const raw = generateSigningKey(algorithm).verifyingKey.raw();
    assert.throws(() => verifyingKeyFromRaw(algorithm, raw.slice(1)), { code: "CRYPTO_KEY_INVALID" });
    const others = allSignatureAlgorithms.filter((other) => other !== algorithm);
    assert.throws(() => signingKeyFromPkcs8(generateSigningKey(algorithm).toPkcs8(), others), {
      code: "CRYPTO_KEY_ALGORITHM",
    });
    assert.throws(() => verifyingKeyFromSpki(generateSigningKey(algorithm).verifyingKey.toSpki(), others), {
      code: "CRYPTO_KEY_ALGORITHM",
    });
  });
}

test("garbage is no key", () => {
  const garbage = Uint8Array.from({ length: 80 }, (_, index) => index);
  assert.throws(() => signingKeyFromPkcs8(new SecretBytes(garbage)), { code: "CRYPTO_KEY_INVALID" });
  assert.throws(() => verifyingKeyFromSpki(garbage), { code: "CRYPTO_KEY_INVALID" });
  assert.throws(() => verifyingKeyFromRaw("p-256", new Uint8Array(65).fill(4)), { code: "CRYPTO_KEY_INVALID" });
  assert.throws(() => signingKeyFromSeed("p-256", new SecretBytes(new Uint8Array(32))), { code: "CRYPTO_KEY_INVALID" });
  const beyond = new SecretBytes(new Uint8Array(32).fill(255));
  assert.throws(() => signingKeyFromSeed("p-256", beyond), { code: "CRYPTO_KEY_INVALID" });
});

test("a PKCS#8 structure that brings another key's public half along is read as what its private half makes", () => {
  const [mine, other] = [generateSigningKey("p-256"), generateSigningKey("p-256")];
  const der = mine.toPkcs8().reveal();
  const mixed = new SecretBytes(Uint8Array.from([...der.slice(0, -65), ...other.verifyingKey.raw()]));
  let read: ReturnType<typeof signingKeyFromPkcs8> | undefined;
  try {
    read = signingKeyFromPkcs8(mixed);
  } catch (error) {
    assert.ok(error instanceof CryptoError);
  }
  assert.ok(read === undefined || read.verifyingKey.equals(mine.verifyingKey));
});

test("a SubjectPublicKeyInfo with octets behind its end, or with a compressed point, is refused", () => {
  for (const algorithm of allSignatureAlgorithms) {
    const spki = generateSigningKey(algorithm).verifyingKey.toSpki();
    assert.throws(() => verifyingKeyFromSpki(Uint8Array.from([...spki, 0])), { code: "CRYPTO_KEY_INVALID" });
  }
  const raw = generateSigningKey("p-256").verifyingKey.raw();
  const compressed = [2 + ((raw[64] as number) & 1), ...raw.subarray(1, 33)];
  const spki = Uint8Array.from([
    ...Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"),
    ...compressed,
  ]);
  assert.throws(() => verifyingKeyFromSpki(spki), { code: "CRYPTO_KEY_INVALID" });
});

test("a private key is not taken for a public one, nor the other way about, nor a key of another curve", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  assert.throws(() => signingKeyOf(privateKey), { code: "CRYPTO_KEY_ALGORITHM" });
  assert.throws(() => signingKeyOf(publicKey), { code: "CRYPTO_KEY_INVALID" });
  assert.throws(() => verifyingKeyOf(privateKey), { code: "CRYPTO_KEY_INVALID" });
});
