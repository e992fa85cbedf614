/** AES-256-GCM through OpenSSL directly agrees with node:crypto in both directions, and takes nothing that is not authentic. */
import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { test } from "node:test";
import { createGcm } from "@ropewalk/host/linux/native-gcm";

const gcm = createGcm();
const lengths = [0, 1, 15, 16, 17, 64, 1_000, 65_536, 300_001];

test("what is sealed here node:crypto opens, whatever the parts and additional data", () => {
  for (const length of lengths) {
    const [octets, nonce, text] = [randomBytes(32), randomBytes(12), randomBytes(length)];
    const additional = randomBytes(length % 40);
    using key = gcm.key(octets, "seal");
    const into = new Uint8Array(length + 20);
    const cut = Math.floor(length / 3);
    assert.equal(key.seal(nonce, additional, [text.subarray(0, cut), text.subarray(cut)], into), length + 16);
    const decipher = createDecipheriv("aes-256-gcm", octets, nonce).setAAD(additional);
    decipher.setAuthTag(into.subarray(length, length + 16));
    assert.ok(Buffer.concat([decipher.update(into.subarray(0, length)), decipher.final()]).equals(text));
  }
});

test("what node:crypto sealed is opened where it lies", () => {
  for (const length of lengths) {
    const [octets, nonce, text] = [randomBytes(32), randomBytes(12), randomBytes(length)];
    const additional = randomBytes(8);
    const cipher = createCipheriv("aes-256-gcm", octets, nonce).setAAD(additional);
    const sealed = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    using key = gcm.key(octets, "open");
    assert.equal(key.open(nonce, additional, sealed), true);
    assert.ok(sealed.subarray(0, length).equals(text));
  }
});

test("any bit changed in record, nonce or additional data is not authentic, nothing of it is left, and the key goes on", () => {
  const octets = randomBytes(32);
  using sealing = gcm.key(octets, "seal");
  using opening = gcm.key(octets, "open");
  const pieces = { nonce: randomBytes(12), additional: randomBytes(5), sealed: new Uint8Array(20 + 16) };
  sealing.seal(pieces.nonce, pieces.additional, [randomBytes(20)], pieces.sealed);
  for (const name of ["nonce", "additional", "sealed"] as const) {
    for (let bit = 0; bit < pieces[name].length * 8; bit += 1) {
      const changed = { ...pieces, sealed: pieces.sealed.slice(), [name]: Uint8Array.from(pieces[name]) };
      const octet = changed[name][bit >> 3] ?? 0;
      changed[name][bit >> 3] = octet ^ (1 << (bit & 7));
      assert.equal(opening.open(changed.nonce, changed.additional, changed.sealed), false);
      assert.ok(changed.sealed.every((left) => left === 0));
    }
  }
  assert.equal(opening.open(pieces.nonce, pieces.additional, new Uint8Array(15)), false);
  assert.equal(opening.open(pieces.nonce, pieces.additional, pieces.sealed), true);
});

test("misuse is refused, and keys that come and go leave no memory", () => {
  assert.throws(() => gcm.key(new Uint8Array(16), "seal"), RangeError);
  const key = gcm.key(randomBytes(32), "seal");
  const nothing = new Uint8Array(0);
  assert.throws(() => key.seal(new Uint8Array(11), nothing, [], new Uint8Array(16)), RangeError);
  assert.throws(() => key.seal(new Uint8Array(12), nothing, [new Uint8Array(1)], new Uint8Array(16)), RangeError);
  key[Symbol.dispose]();
  key[Symbol.dispose]();
  assert.throws(() => key.seal(new Uint8Array(12), nothing, [], new Uint8Array(16)), /disposed/);
  const octets = randomBytes(32);
  const comeAndGo = (count: number) => {
    for (let index = 0; index < count; index += 1) gcm.key(octets, "open")[Symbol.dispose]();
    return process.memoryUsage.rss();
  };
  const before = comeAndGo(20_000);
  assert.ok(comeAndGo(100_000) - before < 30 * 2 ** 20);
});
