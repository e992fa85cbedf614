/** Whatever moment the power fails at, the store holds what it was told is committed: on a disk that keeps no more than it was synced. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { powerCuts } from "../io/store/power-cuts.ts";

test("five power cuts lose nothing that was committed, and leave nothing by half", async () => {
  const seed = Date.now() % 2 ** 31;
  const { faults, told, syncs } = await powerCuts(5, seed);
  assert.deepEqual(faults, [], `seed ${seed}`);
  assert.ok(told >= 300 && syncs > 30, `${told} groups, ${syncs} syncs`);
});
