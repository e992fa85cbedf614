import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { addressOctets, addressOf, addressOfKey, parseMeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import fc from "fast-check";

const digits = "00112233445566778899aabbccddeeff";

test("an address is 32 hexadecimal digits, capitals or not, and nothing else is one", () => {
  assert.equal(parseMeshAddress(digits), digits);
  assert.equal(parseMeshAddress(digits.toUpperCase()), digits);
  for (const text of ["", digits.slice(1), `${digits}0`, ` ${digits}`, `${digits}\n`, digits.replace("f", "g")])
    assert.equal(parseMeshAddress(text), undefined, text);
});

test("an address is the first 16 octets of the SHA-256 of its key", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      assert.equal(addressOfKey(key), createHash("sha256").update(key).digest("hex").slice(0, 32));
    }),
  );
});

test("an address comes back from its octets, whatever stands behind them", () => {
  const octets = addressOctets(addressOf(Uint8Array.fromHex(digits)));
  assert.equal(octets.length, 16);
  assert.equal(addressOf(Uint8Array.of(...octets, 1, 2, 3)), digits);
});
