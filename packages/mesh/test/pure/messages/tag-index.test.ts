/** Tags by their hashes: each has a place of its own, whatever is like it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TagHasher, TagIndex } from "@ropewalk/mesh/pure/messages/tag-index";
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

test("whatever was asked for before, a tag has the hash that it has alone", () => {
  const key = Uint8Array.from({ length: 16 }, (_, at) => at);
  const tag = fc.array(fc.nat(1), { minLength: 8, maxLength: 8 }).map((octets) => Uint8Array.from(octets));
  fc.assert(
    fc.property(fc.array(tag, { maxLength: 8 }), (tags) => {
      const hasher = new TagHasher(key);
      const alone = tags.map((one) => [...new TagHasher(key).hash(one)]);
      assert.deepEqual(
        tags.map((one) => [...hasher.hash(one)]),
        alone,
      );
    }),
  );
});
