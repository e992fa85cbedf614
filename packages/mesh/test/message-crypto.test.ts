import assert from "node:assert/strict";
import { test } from "node:test";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import fc from "fast-check";
import { signingKey } from "./pure/wire/announces.ts";

const [one, other] = [createMessageCrypto(signingKey(1)), createMessageCrypto(signingKey(2))];
const octets = fc.uint8Array({ maxLength: 100 });

/** u of the points of small order, as libsodium's and curve25519-dalek's lists have them, and one in a second encoding. */
const smallOrder = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
  `00${"00".repeat(30)}80`,
].map((hex) => Uint8Array.fromHex(hex));

test("the identity's two halves belong together, and both ends agree on the same", () => {
  assert.deepEqual(one.agreementKeyOf(other.publicKey), other.identity.publicKey);
  const secret = one.identity.agree(other.identity.publicKey);
  assert.deepEqual(secret, other.identity.agree(one.identity.publicKey));
  assert.equal(secret?.length, 32);
});

test("a key that was made is the same again from its secret, and no two are alike", () => {
  const [key, another] = [one.generate(), one.generate()];
  assert.notDeepEqual(key.publicKey, another.publicKey);
  const restored = one.restore(key.secret()) ?? assert.fail();
  assert.deepEqual(restored.publicKey, key.publicKey);
  assert.deepEqual(restored.agree(another.publicKey), another.agree(key.publicKey));
  for (const length of [0, 31, 33]) assert.equal(one.restore(new Uint8Array(length)), undefined);
});

test("with a key of small order, in whichever encoding, nothing is agreed on", () => {
  for (const key of smallOrder) {
    assert.equal(one.identity.agree(key), undefined, key.toHex());
    assert.equal(one.generate().agree(key), undefined);
  }
});

test("whatever stands for a key, it is taken or refused and nothing is thrown", () => {
  const keys = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), octets);
  fc.assert(
    fc.property(keys, octets, (key, sealed) => {
      for (const agreed of [one.identity.agree(key), one.agreementKeyOf(key)])
        assert.ok(agreed === undefined || agreed.length === 32);
      assert.equal(one.verify(key, sealed, new Uint8Array(64)), false);
      assert.equal(one.open(new Uint8Array(32), key, sealed), undefined);
    }),
    { numRuns: 200 },
  );
});

test("what is signed for a broadcast is signed for nothing else", () => {
  const message = new TextEncoder().encode("all who are near");
  const signature = one.sign(message);
  assert.ok(other.verify(one.publicKey, message, signature));
  assert.ok(!other.verify(other.publicKey, message, signature));
  const announces = createMeshCrypto(signingKey(1));
  assert.ok(!announces.verify(one.publicKey, message, signature));
  assert.ok(!other.verify(one.publicKey, message, announces.sign(message)));
});
