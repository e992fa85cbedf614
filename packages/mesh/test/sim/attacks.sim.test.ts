/** Attacks on the mesh that it withstands, each beside mutants of the node that lack the defence, and do not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { attacks } from "./attacks.ts";
import { meshNodes } from "./mesh-node-maker.ts";
import { mutatedMesh } from "./mutated-mesh.ts";

for (const { name, run, mutants } of attacks) {
  for (const seed of seedsToRun(process.env, { count: 1 })) {
    test(`withstood: ${name} (seed ${seed})`, () =>
      simulate(seed, () => {
        assert.deepEqual(run(meshNodes, seed, "sample"), []);
      }));
  }
  for (const { lacks, patches, finding } of mutants) {
    test(`not withstood without ${lacks}: ${name}`, async () => {
      const mutant = await mutatedMesh(`${name}: ${lacks}`, patches);
      const found = run(mutant, 1, "sample");
      assert.ok(
        found.some((one) => finding.test(one)),
        `found: ${found}`,
      );
    });
  }
}
