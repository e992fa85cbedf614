/**
 * Attacks on the mesh that it withstands, a third of them beside a mutant of the node that lacks a defence, and does not: others each day.
 * `npm run soak -- "mesh attack mutants"` tries all of them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { attacks } from "./attacks.ts";
import { meshNodes } from "./mesh-node-maker.ts";
import { unnoticed } from "./unnoticed-mutants.ts";

const today = Math.floor(Date.now() / 86_400_000);

for (const [index, { name, run, mutants }] of attacks.entries()) {
  for (const seed of seedsToRun(process.env, { count: 1 })) {
    test(`withstood: ${name} (seed ${seed})`, () =>
      simulate(seed, () => {
        assert.deepEqual(run(meshNodes, seed, "sample"), []);
      }));
  }
  const mutant = mutants[today % mutants.length];
  if (mutant !== undefined && (index + today) % 3 === 0)
    test(`not withstood without ${mutant.lacks}: ${name}`, async () =>
      assert.deepEqual(await unnoticed({ name, run, mutants: [mutant] }), []));
}
