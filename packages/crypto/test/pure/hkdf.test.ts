/** RFC 5869 has no vectors with SHA-384: Node's own HKDF is the second opinion here, Wycheproof's vectors are in the soak. */
import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { test } from "node:test";
import { expand, extract } from "@ropewalk/crypto/pure/hkdf";
import { sha384 } from "@ropewalk/crypto/sha384";
import fc from "fast-check";

const octets = fc.uint8Array({ maxLength: 200 });

test("extract and expand give what Node's HKDF-SHA-384 gives, of every length", () => {
  fc.assert(
    fc.property(octets, octets, octets, fc.integer({ min: 1, max: 600 }), (secret, salt, info, length) => {
      const ours = expand(sha384, extract(sha384, salt, secret), info, length);
      assert.deepEqual(ours, new Uint8Array(hkdfSync("sha384", secret, salt, info, length)));
    }),
    { numRuns: 300 },
  );
});

test("255 blocks can be had, and not an octet more", () => {
  const key = new Uint8Array(48);
  const most = expand(sha384, key, new Uint8Array(), 255 * 48);
  assert.equal(most.length, 12_240);
  assert.throws(() => expand(sha384, key, new Uint8Array(), 255 * 48 + 1), RangeError);
});

test("a longer key begins with the shorter one", () => {
  const [key, info] = [Uint8Array.of(1), Uint8Array.of(2)];
  assert.deepEqual(expand(sha384, key, info, 100).slice(0, 33), expand(sha384, key, info, 33));
  assert.equal(expand(sha384, key, info, 0).length, 0);
});
