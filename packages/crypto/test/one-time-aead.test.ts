import assert from "node:assert/strict";
import { test } from "node:test";
import { AeadKey, aeadLengths } from "@ropewalk/crypto/aead";
import { openOnce, sealOnce } from "@ropewalk/crypto/one-time-aead";
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import fc from "fast-check";

const octets = fc.uint8Array({ maxLength: 200 });
const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const none = new Uint8Array();

test("what is sealed once is what ChaCha20-Poly1305 with a nonce of zeros gives, and opens again", () => {
  fc.assert(
    fc.property(anyKey, octets, octets, (key, aad, plaintext) => {
      const sealed = sealOnce(key, aad, plaintext);
      const other = new AeadKey("chacha20-poly1305", new SecretBytes(key)).seal(
        new Uint8Array(aeadLengths.nonce),
        aad,
        plaintext,
      );
      assert.deepEqual(sealed, joined(other.ciphertext, other.tag));
      assert.deepEqual(openOnce(key, aad, sealed), plaintext);
    }),
  );
});

test("with another key, other additional data, or any octet changed nothing opens", () => {
  const [key, aad] = [new Uint8Array(32).fill(1), utf8("aad")];
  const sealed = sealOnce(key, aad, utf8("plaintext"));
  for (let place = 0; place < sealed.length; place += 1) {
    assert.equal(openOnce(key, aad, sealed.with(place, (sealed[place] ?? 0) ^ 0x80)), undefined);
    assert.equal(openOnce(key, aad, sealed.subarray(0, place)), undefined);
  }
  assert.equal(openOnce(key.with(0, 2), aad, sealed), undefined);
  for (const other of [none, utf8("aae"), utf8("aad ")]) assert.equal(openOnce(key, other, sealed), undefined);
  assert.equal(openOnce(key, none, none), undefined);
});

test("a key of another length is refused", () => {
  for (const length of [0, 16, 31, 33]) {
    assert.throws(() => sealOnce(new Uint8Array(length), none, none), { code: "CRYPTO_KEY_INVALID" });
    assert.throws(() => openOnce(new Uint8Array(length), none, new Uint8Array(16)), { code: "CRYPTO_KEY_INVALID" });
  }
});
