import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { type AeadAlgorithm, AeadKey, splitSealed } from "@ropewalk/crypto/aead";
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import fc from "fast-check";
import { hex } from "./hex.ts";

const algorithms: readonly AeadAlgorithm[] = ["aes-256-gcm", "chacha20-poly1305"];
const nonce = new Uint8Array(12).fill(5);
const keyOf = (algorithm: AeadAlgorithm, fill = 7) =>
  new AeadKey(algorithm, new SecretBytes(new Uint8Array(32).fill(fill)));

test("AES-256-GCM seals as test case 16 of McGrew and Viega's specification", () => {
  const key = new AeadKey(
    "aes-256-gcm",
    new SecretBytes(hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")),
  );
  const plaintext = hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
  );
  const aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const sealed = key.seal(hex("cafebabefacedbaddecaf888"), aad, plaintext);
  assert.equal(
    sealed.ciphertext.toHex(),
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
  );
  assert.equal(sealed.tag.toHex(), "76fc6ece0f4e1768cddf8853bb2d551b");
});

test("ChaCha20-Poly1305 seals as RFC 8439 §2.8.2", () => {
  const key = new AeadKey(
    "chacha20-poly1305",
    new SecretBytes(hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")),
  );
  const plaintext = utf8(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const sealed = key.seal(hex("070000004041424344454647"), hex("50515253c0c1c2c3c4c5c6c7"), plaintext);
  assert.equal(
    sealed.ciphertext.toHex(),
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
  );
  assert.equal(sealed.tag.toHex(), "1ae10b594f09e26a7e902ecbd0600691");
});

for (const algorithm of algorithms) {
  const key = keyOf(algorithm);

  test(`what ${algorithm} sealed opens again, and as octets that lie one behind the other too`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 40 }), (plaintext, aad) => {
        const sealed = key.seal(nonce, aad, plaintext);
        assert.deepEqual([sealed.ciphertext.length, sealed.tag.length], [plaintext.length, 16]);
        assert.deepEqual(key.open(nonce, aad, sealed), plaintext);
        const split = splitSealed(joined(sealed.ciphertext, sealed.tag));
        assert.ok(split !== undefined);
        assert.deepEqual(key.open(nonce, aad, split), plaintext);
      }),
    );
  });

  test(`nothing opens under ${algorithm} once key, nonce, AAD, ciphertext or tag has changed`, () => {
    const [aad, plaintext] = [utf8("aad"), utf8("plaintext")];
    const { ciphertext, tag } = key.seal(nonce, aad, plaintext);
    const bad = (octets: Uint8Array, bit: number) =>
      octets.map((octet, at) => (at === (bit >> 3) % octets.length ? octet ^ (1 << (bit & 7)) : octet));
    for (let bit = 0; bit < 128; bit += 1) {
      assert.equal(key.open(bad(nonce, bit), aad, { ciphertext, tag }), undefined);
      assert.equal(key.open(nonce, bad(aad, bit), { ciphertext, tag }), undefined);
      assert.equal(key.open(nonce, aad, { ciphertext: bad(ciphertext, bit), tag }), undefined);
      assert.equal(key.open(nonce, aad, { ciphertext, tag: bad(tag, bit) }), undefined);
    }
    assert.equal(keyOf(algorithm, 8).open(nonce, aad, { ciphertext, tag }), undefined);
    for (let length = 0; length < 16; length += 1) {
      assert.equal(key.open(nonce, aad, { ciphertext, tag: tag.subarray(0, length) }), undefined, "a shorter tag");
    }
    assert.deepEqual(key.open(nonce, aad, { ciphertext, tag }), plaintext);
  });

  test(`a key of ${algorithm} of another length, and a nonce, are refused; the key does not print`, () => {
    assert.throws(() => new AeadKey(algorithm, new SecretBytes(new Uint8Array(16))), { code: "CRYPTO_KEY_INVALID" });
    const none = new Uint8Array();
    for (const length of [0, 8, 11, 13, 16]) {
      assert.throws(() => key.seal(new Uint8Array(length), none, none), { code: "INTERNAL" });
    }
    assert.doesNotMatch(inspect(key, { showHidden: true, depth: 9 }), /07/);
  });
}

test("the key is copied, so that its octets can be erased", () => {
  const secret = new SecretBytes(new Uint8Array(32).fill(7));
  const key = new AeadKey("aes-256-gcm", secret);
  secret.erase();
  const sealed = key.seal(nonce, new Uint8Array(), utf8("x"));
  assert.deepEqual(keyOf("aes-256-gcm").open(nonce, new Uint8Array(), sealed), utf8("x"));
});

test("fewer octets than a tag has are nothing that was sealed", () => {
  assert.equal(splitSealed(new Uint8Array(15)), undefined);
  assert.equal(splitSealed(new Uint8Array(16))?.ciphertext.length, 0);
});
