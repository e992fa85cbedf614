/** One block that is hashed again and again is hashed as by Node. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { OneBlockSha256 } from "@ropewalk/crypto/pure/one-block-sha256";
import fc from "fast-check";

test("whatever was put where, the hash is that of the input as it is now", () => {
  const inputs = fc.uint8Array({ maxLength: 55 });
  fc.assert(
    fc.property(
      inputs,
      fc.array(fc.tuple(fc.nat(54), fc.uint8Array({ maxLength: 8 })), { maxLength: 4 }),
      (input, puts) => {
        const block = new OneBlockSha256(input);
        for (const [at, part] of puts) {
          if (at + part.length <= input.length) {
            block.put(part, at);
            input.set(part, at);
          }
          assert.equal(octetsOf(block.hash()).toHex(), createHash("sha256").update(input).digest("hex"));
        }
      },
    ),
  );
});

test("an input that needs two blocks is refused", () => {
  assert.throws(() => new OneBlockSha256(new Uint8Array(56)), { message: /56 octets/ });
});

function octetsOf(words: Readonly<Int32Array>): Uint8Array {
  const view = new DataView(new ArrayBuffer(32));
  for (const [place, word] of words.entries()) view.setInt32(4 * place, word);
  return new Uint8Array(view.buffer);
}
