/** Tags of many proofs are those of each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ProofHasher, tagOfProof } from "@ropewalk/mesh/pure/messages/wire/tags";
import fc from "fast-check";

test("the tag of each proof in a row is the tag of that proof alone", () => {
  const hasher = new ProofHasher();
  const proofs = fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(proofs, (row) => {
      const tags = row.map((proof) => hasher.tagOf(proof));
      assert.deepEqual(tags, row.map(tagOfProof));
    }),
  );
});
