import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { signatureDomain } from "@ropewalk/crypto/signature-domains";
import { sign } from "@ropewalk/crypto/signatures";
import { addressOctets, addressOf, parseMeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { sealOverhead } from "@ropewalk/mesh/pure/mesh-crypto";
import fc from "fast-check";
import { identity, signingKey } from "./pure/wire/announces.ts";

const [one, other, third] = [identity(1), identity(2), identity(3)];
const octets = fc.uint8Array({ maxLength: 200 });
const message = new TextEncoder().encode("who is there?");

test("the address is the first 16 octets of the key's SHA-256, in digits and in octets", () => {
  const digest = createHash("sha256").update(one.publicKey).digest();
  assert.equal(one.address, digest.toString("hex").slice(0, 32));
  assert.equal(parseMeshAddress(one.address.toUpperCase()), one.address);
  assert.equal(addressOf(addressOctets(one.address)), one.address);
});

test("what is signed is verified with the signer's key, for no other key, message or domain", () => {
  const signature = one.sign(message);
  assert.ok(other.verify(one.publicKey, message, signature));
  assert.ok(!other.verify(third.publicKey, message, signature));
  assert.ok(!other.verify(one.publicKey, message.subarray(1), signature));
  const elsewhere = sign(signingKey(1), signatureDomain("ropewalk mesh announce v2"), message);
  assert.ok(!other.verify(one.publicKey, message, elsewhere));
});

test("whatever stands for a key or a signature, it is refused and nothing is thrown", () => {
  const mostly = (length: number) => fc.oneof(fc.uint8Array({ minLength: length, maxLength: length }), octets);
  fc.assert(
    fc.property(mostly(32), octets, mostly(64), (key, text, signature) => {
      assert.equal(one.verify(key, text, signature), false);
    }),
    { numRuns: 500 },
  );
});

test("the hop chain's seed is the same again for an epoch and a sequence, and another for every other, and for everybody", () => {
  const seeds = [one, other].flatMap((who) =>
    [0, 1, 0xffff_ffff].flatMap((epoch) => [0, 1, 2].map((sequence) => who.chainSeed(epoch, sequence).toHex())),
  );
  assert.equal(new Set(seeds).size, seeds.length);
  assert.deepEqual(identity(1).chainSeed(1, 2), one.chainSeed(1, 2));
  assert.equal(one.chainSeed(1, 2).length, 12);
});

test("what is sealed to somebody he opens, and nobody else", () => {
  fc.assert(
    fc.property(octets, (text) => {
      const sealed = one.seal(other.publicKey, text) ?? assert.fail();
      assert.equal(sealed.length, text.length + sealOverhead);
      assert.deepEqual(other.open(sealed), text);
      for (const who of [one, third]) assert.equal(who.open(sealed), undefined);
    }),
    { numRuns: 20 },
  );
});

test("the same text is sealed differently each time", () => {
  const sealed = [1, 2, 3].map(() => one.seal(other.publicKey, message)?.subarray(0, 32).toHex());
  assert.equal(new Set(sealed).size, 3);
});

test("what was sealed does not open with one bit changed, cut or longer", () => {
  const sealed = one.seal(other.publicKey, message) ?? assert.fail();
  for (let place = 0; place < sealed.length; place += 1) {
    const changed = sealed.with(place, (sealed[place] ?? 0) ^ (place === 31 ? 0x80 : 1 << (place & 7)));
    assert.equal(other.open(changed), undefined, `octet ${place}`);
    assert.equal(other.open(sealed.subarray(0, place)), undefined);
  }
  assert.equal(other.open(Uint8Array.of(...sealed, 0)), undefined);
});

test("nothing is sealed to what is no key: of small order, off the curve, or of another length", () => {
  const none = ["00".repeat(32), `02${"00".repeat(31)}`, "01", ""].map((text) => Uint8Array.fromHex(text));
  for (const to of none) assert.equal(one.seal(to, message), undefined, to.toHex());
});

test("whatever stands for something sealed, it is refused and nothing is thrown", () => {
  fc.assert(fc.property(octets, (text) => assert.equal(one.open(text), undefined)));
  assert.equal(one.open(new Uint8Array(64)), undefined);
});

test("chance has as many octets as are asked for, and is no Buffer", () => {
  assert.equal(one.random(16).length, 16);
  assert.equal(one.random(16).constructor, Uint8Array);
  assert.notDeepEqual(one.random(16), one.random(16));
});
