/** Whatever moment a process ends at, its store holds what it was told is committed, and nothing by half. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { killedStores } from "./killed-stores.ts";

test("four processes killed while they write to a store lose nothing that was committed, and leave nothing by half", async () => {
  const seed = Date.now() % 2 ** 31;
  const { faults, groups } = await killedStores(4, seed);
  assert.deepEqual(faults, [], `seed ${seed}`);
  assert.ok(groups >= 4);
});
