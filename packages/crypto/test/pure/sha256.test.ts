import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { compressSha256, sha256, startSha256 } from "@ropewalk/crypto/pure/sha256";
import { readU32, writeU32 } from "@ropewalk/kernel/big-endian";
import fc from "fast-check";
import { hex } from "../hex.ts";

const byNode = (octets: Uint8Array) => hash("sha256", octets, "hex");

/** FIPS 180-4's examples (NIST, "SHA256.pdf": one block, two blocks), FIPS 180-2 appendix B.3, and nothing at all. */
const examples: readonly (readonly [Uint8Array, string])[] = [
  [utf8("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    utf8("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
  [new Uint8Array(1_000_000).fill(0x61), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  [new Uint8Array(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
];

test("SHA-256 of the published examples is what they say", () => {
  for (const [message, digest] of examples) assert.equal(sha256(message).toHex(), digest);
});

test("SHA-256 is Node's at every length around the ends of blocks", () => {
  for (let length = 0; length <= 260; length += 1) {
    const octets = Uint8Array.from({ length }, (_, place) => (place * 7 + length) & 0xff);
    assert.equal(sha256(octets).toHex(), byNode(octets), `${length} octets`);
  }
});

test("SHA-256 is Node's for any octets, wherever in their memory they lie", () => {
  const octets = fc.uint8Array({ maxLength: 1_000 });
  fc.assert(
    fc.property(octets, fc.nat(70), (all, from) => {
      const part = all.subarray(from);
      assert.equal(sha256(part).toHex(), byNode(part));
    }),
    { numRuns: 500 },
  );
});

test("a chain of blocks in words is the chain of hashes in octets", () => {
  const message = hex("00".repeat(52));
  const [state, block] = [new Int32Array(8), new Int32Array(16)];
  for (let link = 0; link < 64; link += 1) {
    for (let place = 0; place < 13; place += 1) block[place] = readU32(message, place * 4);
    block.set([0x8000_0000, 0, 52 * 8], 13);
    startSha256(state);
    compressSha256(state, block);
    const digest = sha256(message);
    for (let place = 0; place < 8; place += 1) assert.equal((state[place] ?? 0) >>> 0, readU32(digest, place * 4));
    for (let place = 0; place < 3; place += 1) writeU32(message, place * 4, state[place] ?? 0);
  }
});
