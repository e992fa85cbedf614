import assert from "node:assert/strict";
import { test } from "node:test";
import { KeptNames } from "@ropewalk/crypto/pure/kept-names";
import fc from "fast-check";

test("beyond the limit, the name used longest ago is dropped", () => {
  const kept = new KeptNames(2);
  assert.deepEqual(
    ["a", "b", "a", "c"].map((name) => kept.use(name)),
    [[], [], [], ["b"]],
  );
  assert.deepEqual([kept.has("a"), kept.has("b"), kept.has("c")], [true, false, true]);
});

test("what is dropped or cleared is kept no longer, and makes room", () => {
  const kept = new KeptNames(1);
  kept.use("a");
  assert.equal(kept.drop("a"), true);
  assert.equal(kept.drop("a"), false);
  assert.deepEqual(kept.use("b"), []);
  kept.clear();
  assert.equal(kept.has("b"), false);
});

test("the names told as dropped are just those that are gone, so that who keeps them never has more than the limit", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f")),
      (limit, names) => {
        const kept = new KeptNames(limit);
        const far = new Set<string>();
        for (const name of names) {
          for (const old of kept.use(name)) assert.ok(far.delete(old), `${old} was not there`);
          far.add(name);
          assert.ok(far.size <= limit);
          for (const other of far) assert.ok(kept.has(other));
        }
      },
    ),
  );
});
