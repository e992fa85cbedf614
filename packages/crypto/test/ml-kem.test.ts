import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { generateMlKemKey, mlKemKeyFromSeed, mlKemLengths, mlKemPublicKeyFromRaw } from "@ropewalk/crypto/ml-kem";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import fc from "fast-check";
import { accumulatedMlKem, mlKemDigests } from "./accumulated.ts";

test("what was encapsulated is decapsulated, at once and off the thread", async () => {
  const key = generateMlKemKey();
  for (const { ciphertext, secret } of [key.publicKey.encapsulate(), await key.publicKey.encapsulateAsync()]) {
    assert.deepEqual([ciphertext.length, secret.length], [mlKemLengths.ciphertext, mlKemLengths.secret]);
    assert.deepEqual(key.decapsulate(ciphertext).reveal(), secret.reveal());
    assert.deepEqual((await key.decapsulateAsync(ciphertext)).reveal(), secret.reveal());
  }
});

test("a key comes back from its seed, a public key from its octets, and neither prints a secret", () => {
  const key = generateMlKemKey();
  assert.deepEqual(mlKemKeyFromSeed(key.seed()).publicKey.raw(), key.publicKey.raw());
  const { ciphertext, secret } = mlKemPublicKeyFromRaw(key.publicKey.raw()).encapsulate();
  assert.deepEqual(key.decapsulate(ciphertext).reveal(), secret.reveal());
  assert.ok(!inspect(key, { showHidden: true, depth: 9 }).includes(key.seed().reveal().toHex().slice(0, 8)));
});

test("a changed ciphertext gives another secret and no error, one of another length an error", async () => {
  const key = generateMlKemKey();
  const { ciphertext, secret } = key.publicKey.encapsulate();
  const changed = ciphertext.map((octet, at) => (at === 500 ? octet ^ 1 : octet));
  assert.notDeepEqual(key.decapsulate(changed).reveal(), secret.reveal());
  const cut = ciphertext.slice(1);
  assert.throws(() => key.decapsulate(cut), { code: "CRYPTO_CIPHERTEXT_INVALID" });
  await assert.rejects(key.decapsulateAsync(cut), { code: "CRYPTO_CIPHERTEXT_INVALID" });
});

test("a public key whose coefficients are not below q is refused, and one of another length", () => {
  const raw = generateMlKemKey().publicKey.raw();
  for (let at = 0; at < 1_152; at += 3) {
    const bad = Uint8Array.from(raw);
    // Twelve bits of ones: 4,095, where q is 3,329.
    bad[at] = 0xff;
    bad[at + 1] = (bad[at + 1] as number) | 0x0f;
    assert.throws(() => mlKemPublicKeyFromRaw(bad), { code: "CRYPTO_KEY_INVALID" });
  }
  assert.throws(() => mlKemPublicKeyFromRaw(raw.slice(1)), { code: "CRYPTO_KEY_INVALID" });
  assert.throws(() => mlKemKeyFromSeed(new SecretBytes(new Uint8Array(32))), { code: "CRYPTO_KEY_INVALID" });
});

test("Node and noble make the same keys and open each other's ciphertexts", () => {
  const seed = fc.uint8Array({ minLength: 64, maxLength: 64 });
  const message = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(seed, message, (octets, m) => {
      const [node, noble] = [mlKemKeyFromSeed(new SecretBytes(Uint8Array.from(octets))), ml_kem768.keygen(octets)];
      assert.deepEqual(node.publicKey.raw(), noble.publicKey);
      const theirs = ml_kem768.encapsulate(noble.publicKey, m);
      assert.deepEqual(node.decapsulate(theirs.cipherText).reveal(), theirs.sharedSecret);
      const ours = node.publicKey.encapsulate();
      assert.deepEqual(ml_kem768.decapsulate(ours.ciphertext, noble.secretKey), ours.secret.reveal());
    }),
    { numRuns: 15 },
  );
});

test("a hundred accumulated vectors of ML-KEM-768 give the published digest", () => {
  assert.equal(accumulatedMlKem(100), mlKemDigests[100]);
});
