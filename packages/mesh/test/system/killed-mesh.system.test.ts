/** Whatever moment the power fails at, and whatever the disk then holds of what was not synced, nodes lose nothing that they accepted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { killedMesh } from "../killed/killed-mesh.ts";

test("of three nodes that lose their power while messages cross them none loses what was accepted, and none uses anything twice", async () => {
  const seed = Date.now() % 2 ** 31;
  const { faults, accepted, arrived } = await killedMesh("power-cut", 4, seed);
  assert.deepEqual(faults, [], `seed ${seed}`);
  assert.ok(accepted > 0 && arrived > 0, `${accepted} accepted, ${arrived} arrived`);
});
