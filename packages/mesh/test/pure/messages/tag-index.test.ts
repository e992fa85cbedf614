/** Tags by their hashes: each has a place of its own, whatever is like it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TagIndex } from "@ropewalk/mesh/pure/messages/tag-index";
import fc from "fast-check";

const hash = (low: number, high: number) => Uint32Array.of(low, high);

test("those that share half of a hash, or a slot, have places of their own, however many there are", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat(40), fc.nat(40)), { selector: String, maxLength: 900, size: "max" }),
      (all) => {
        const index = new TagIndex();
        for (const [place, [low, high]] of all.entries()) {
          assert.equal(index.find(hash(low, high)), -1);
          assert.equal(index.add(hash(low, high)), place);
          assert.ok(index.count <= index.capacity);
        }
        for (const [place, [low, high]] of all.entries()) assert.equal(index.find(hash(low, high)), place);
        index.clear();
        for (const [low, high] of all) assert.equal(index.find(hash(low, high)), -1);
      },
    ),
    { numRuns: 30 },
  );
});
