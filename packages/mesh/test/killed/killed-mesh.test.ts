/** Whatever moment nodes die at, what they accepted arrives once; and what `npm run soak` counts on sees what it is to see. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { killedMesh } from "./killed-mesh.ts";
import { Ledger } from "./ledger.ts";

test("of three nodes that are killed while messages cross them none loses what was accepted, and none uses anything twice", async () => {
  // A sender that is killed before it has written anything shows nothing.
  for (let [seed, all] = [Date.now() % 2 ** 31, 0]; all === 0; seed += 1) {
    const { faults, arrived } = await killedMesh("killed", 2, seed);
    assert.deepEqual(faults, [], `seed ${seed}`);
    all = arrived;
  }
});

function faultsOf(...lines: readonly string[]): readonly string[] {
  const ledger = new Ledger();
  for (const line of lines) ledger.hear("node", line);
  return [...ledger.faults, ...ledger.missing];
}

test("the ledger finds what is lost, doubled, back again or used for two", () => {
  assert.deepEqual(faultsOf("found kept", "accepted 1 a", "row 7 a", "row 7 a", "taken 7", "left 0"), []);
  assert.deepEqual(faultsOf("accepted 1 a", "withdrawing 1"), []);
  assert.deepEqual(faultsOf("sealed t x", "sealed t x", "announced k 1.1 s", "announced k 1.2 t"), []);
  const wrong: readonly (readonly string[])[] = [
    ["accepted 1 a"],
    ["found salvaged"],
    ["row 7 a", "row 8 a"],
    ["row 7 a", "row 7 b"],
    ["row 7 a", "taken 7", "row 7 a"],
    ["row 7 garbled"],
    ["accepted 1 a", "withdrawing 1", "withdrawn 1", "has 1"],
    ["sealed t x", "sealed t y"],
    ["announced k 1.1 s", "announced k 1.1 t"],
  ];
  for (const lines of wrong) assert.equal(faultsOf(...lines).length, 1, lines.join());
});
