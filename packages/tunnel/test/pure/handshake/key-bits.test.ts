import assert from "node:assert/strict";
import { test } from "node:test";
import { answerTo, keyBits } from "./key-bits.ts";

test("of the 524 KB of a KEM key none of a thousand bits can be changed; the soak changes each", () => {
  assert.equal(answerTo(undefined), "keep-key");
  // A stride that is prime to the number of bits comes to each place of an octet, and through the whole key.
  const stride = Math.ceil(keyBits / 1_000) | 1;
  let tried = 0;
  for (let bit = 3; bit < keyBits; bit += stride) {
    assert.equal(answerTo(bit), "kem-key-mismatch", `bit ${bit}`);
    tried += 1;
  }
  assert.ok(tried >= 995, `${tried}`);
});
