/** Hints that are compared quickly are those that are made slowly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf } from "@ropewalk/mesh/pure/mesh-address";
import { HintHasher } from "@ropewalk/mesh/pure/messages/custody/hint-hasher";
import { hintOf } from "@ropewalk/mesh/pure/messages/wire/tags";
import fc from "fast-check";

const octetsOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test("a hint fits who has the address, for the envelope that has the tag, and nobody else", () => {
  const hasher = new HintHasher();
  fc.assert(
    fc.property(octetsOf(8), octetsOf(16), fc.nat(15), fc.nat(7), (tag, address, otherAt, changedAt) => {
      const hint = hintOf(tag, addressOf(address));
      hasher.tag = tag;
      assert.equal(hasher.fits(address, hint), true);
      assert.equal(hasher.fits(address.with(otherAt, (address[otherAt] ?? 0) ^ 1), hint), false);
      assert.equal(hasher.fits(address, hint.with(changedAt, (hint[changedAt] ?? 0) ^ 1)), false);
      hasher.tag = tag.with(changedAt, (tag[changedAt] ?? 0) ^ 1);
      assert.equal(hasher.fits(address, hint), false);
    }),
  );
});
