import assert from "node:assert/strict";
import { test } from "node:test";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { joined } from "@ropewalk/kernel/bytes";
import { recordCrypto } from "@ropewalk/tunnel/io/native-record-cipher";
import fc from "fast-check";

const key = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
const nonce = Uint8Array.from({ length: 12 }, (_, index) => index * 11);
const head = Uint8Array.of(1, 2, 3, 4);
const native = () => recordCrypto((text) => assert.fail(text)).createCipher(key);
const lengths = fc.array(fc.oneof(fc.nat(300), fc.nat(20_000)), { minLength: 1, maxLength: 6 });

function partsOf(sizes: readonly number[]): readonly Uint8Array[] {
  return sizes.map((length, part) => Uint8Array.from({ length }, (_, index) => index * 13 + part));
}

test("what is sealed in place is, octet for octet, what Node's cipher seals, and each opens the other's", () => {
  const [ours, nodes] = [native(), createRecordCipher(key)];
  fc.assert(
    fc.property(lengths, (sizes) => {
      const parts = partsOf(sizes);
      const plaintext = joined(...parts);
      const sealed = joined(...ours.seal(nonce, head, parts, plaintext.length));
      assert.deepEqual(sealed, joined(...nodes.seal(nonce, head, parts, plaintext.length)));
      for (const cipher of [ours, nodes]) {
        const opened = cipher.open(nonce, head, sealed.slice(head.length));
        assert.deepEqual(new Uint8Array(opened ?? assert.fail("it does not open")), plaintext);
      }
    }),
    { numRuns: 100 },
  );
  ours.erase();
});

test("of a record with one bit changed, in head, ciphertext, tag or nonce, nothing is seen", () => {
  const cipher = native();
  const parts = partsOf([40]);
  const whole = joined(...cipher.seal(nonce, head, parts, 40));
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const spoilt = whole.slice();
    spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const body = spoilt.subarray(head.length);
    assert.equal(cipher.open(nonce, spoilt.subarray(0, head.length), body), undefined, `bit ${bit}`);
    assert.ok(
      body.every((octet) => octet === 0),
      "what was decrypted is still there",
    );
  }
  const otherNonce = nonce.with(0, 99);
  assert.equal(cipher.open(otherNonce, head, whole.slice(head.length)), undefined);
  cipher.erase();
});

test("records of all sizes go through one buffer, one after another", () => {
  const [cipher, peer] = [native(), native()];
  for (const size of [1, 100_000, 3, 524_288, 2, 1_048_576, 64]) {
    const parts = partsOf([size]);
    const sealed = joined(...cipher.seal(nonce, head, parts, size));
    const opened = peer.open(nonce, head, sealed.slice(head.length));
    assert.deepEqual(new Uint8Array(opened ?? assert.fail("it does not open")), parts[0]);
  }
  cipher.erase();
  peer.erase();
});
