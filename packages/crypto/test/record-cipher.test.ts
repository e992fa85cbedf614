import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { joined } from "@ropewalk/kernel/bytes";
import fc from "fast-check";
import { hex } from "./hex.ts";

const key = new Uint8Array(32).fill(7);
const nonce = new Uint8Array(12).fill(5);
const head = Uint8Array.of(0, 1, 2, 3);
const cipher = createRecordCipher(key);

/** A record as Node seals it all at once. */
function sealedAtOnce(plaintext: Uint8Array): Uint8Array {
  const one = createCipheriv("aes-256-gcm", key, nonce).setAAD(head);
  return joined(head, one.update(plaintext), one.final(), one.getAuthTag());
}

const filled = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

test("AES-256-GCM seals as test case 16 of McGrew and Viega's specification", () => {
  const { seal, open } = bound(hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  const plaintext = hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
  );
  const aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const iv = hex("cafebabefacedbaddecaf888");
  const record = joined(...seal(iv, aad, [plaintext.subarray(0, 7), plaintext.subarray(7)], plaintext.length));
  const sealed =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" +
    "76fc6ece0f4e1768cddf8853bb2d551b";
  assert.equal(record.toHex(), aad.toHex() + sealed);
  assert.deepEqual(open(iv, aad, hex(sealed)), plaintext);
});

function bound(secret: Uint8Array) {
  const of = createRecordCipher(secret);
  return { seal: of.seal.bind(of), open: of.open.bind(of) };
}

test("however a record is cut into parts, the same comes out, and opens", () => {
  const part = fc.oneof(fc.nat(40), fc.integer({ min: 8_100, max: 8_300 }), fc.nat(20_000)).map(filled);
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const plaintext = joined(...parts);
      const before = parts.map((one) => one.slice());
      const record = joined(...cipher.seal(nonce, head, parts, plaintext.length));
      assert.deepEqual(record, sealedAtOnce(plaintext));
      assert.deepEqual(cipher.open(nonce, head, record.subarray(4)), plaintext);
      assert.deepEqual(parts, before, "parts are only read");
    }),
    { numRuns: 300 },
  );
});

test("a small record is one part for the kernel, and of a large one no octet is copied but those of its small parts", () => {
  assert.equal(cipher.seal(nonce, head, [filled(17), filled(64)], 81).length, 1);
  const large = cipher.seal(nonce, head, [filled(17), filled(262_144), filled(17), filled(64)], 262_242);
  assert.deepEqual(
    large.map(({ length }) => length),
    [21, 262_144, 81, 16],
  );
});

test("what was sealed stays as it is, whatever is sealed next", () => {
  const own = [head.slice(), head.slice()];
  const records = [
    cipher.seal(nonce, own[0] ?? head, [filled(17), filled(64)], 81),
    cipher.seal(nonce, own[1] ?? head, [filled(9_000)], 9_000),
  ];
  const kept = records.map((parts) => joined(...parts));
  for (const each of own) each.fill(9);
  for (let index = 0; index < 100; index += 1) cipher.seal(nonce, head, [new Uint8Array(9), new Uint8Array(99)], 108);
  assert.deepEqual(
    records.map((parts) => joined(...parts)),
    kept,
  );
});

test("nothing opens once nonce, head, ciphertext or tag has changed, or any of it is missing", () => {
  const record = joined(...cipher.seal(nonce, head, [filled(50)], 50)).subarray(4);
  const changed = (octets: Uint8Array, bit: number) =>
    octets.map((octet, at) => (at === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
  for (let bit = 0; bit < record.length * 8; bit += 1) {
    assert.equal(cipher.open(nonce, head, changed(record, bit)), undefined);
    if (bit < 96) assert.equal(cipher.open(changed(nonce, bit), head, record), undefined);
    if (bit < 32) assert.equal(cipher.open(nonce, changed(head, bit), record), undefined);
  }
  for (let length = 0; length < record.length; length += 1) {
    assert.equal(cipher.open(nonce, head, record.subarray(0, length)), undefined);
  }
  assert.equal(createRecordCipher(new Uint8Array(32)).open(nonce, head, record), undefined);
  assert.deepEqual(cipher.open(nonce, head, record), filled(50));
});

test("the key is copied, so that its octets can be erased; one of another length is refused", () => {
  const secret = key.slice();
  const own = createRecordCipher(secret);
  secret.fill(0);
  assert.deepEqual(joined(...own.seal(nonce, head, [filled(9)], 9)), sealedAtOnce(filled(9)));
  assert.throws(() => createRecordCipher(new Uint8Array(31)), { code: "CRYPTO_KEY_INVALID" });
});
