/** Mutants: theirs is what was changed, all else is as it was, and a patch that fits nowhere is not taken for one that nothing notices. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Mutation, mutatedModules } from "@ropewalk/simnet/mutated-modules";
import { seedsToRun } from "@ropewalk/simnet/simulate";

const entry = import.meta.resolve("@ropewalk/simnet/simulate");
const whole = { sources: /\/simnet\/src\/([^?]+)/, entries: [entry] };
const forwards = { file: "simulate.ts", find: "(first + index)", replace: "(first - index)" };
type Simulate = typeof import("@ropewalk/simnet/simulate");

async function simulateOf(mutation: Pick<Mutation, "name" | "patches"> & Partial<Mutation>): Promise<Simulate> {
  const [module] = await mutatedModules({ ...whole, ...mutation });
  return module as Simulate;
}

test("a mutant has what was changed, and the real module has not", async () => {
  const mutant = await simulateOf({ name: "backwards", patches: [forwards] });
  assert.deepEqual(mutant.seedsToRun({}, { first: 5, count: 3 }), [5, 4, 3]);
  assert.deepEqual(seedsToRun({}, { first: 5, count: 3 }), [5, 6, 7]);
});

test("what its sources import of each other is changed too, and what is not of them is shared", async () => {
  const patches = [
    { file: "errors.ts", find: "extends RopewalkError<SimnetErrorCode> {}", replace: "extends RangeError {}" },
  ];
  const thrownBy = async ({ simulate }: Simulate) =>
    await simulate(1, () => assert.fail("as the scenario would")).catch((error: unknown) => error);
  assert.ok((await thrownBy(await simulateOf({ name: "another error", patches }))) instanceof RangeError);
  const kernel = await import("@ropewalk/kernel/errors");
  const same = await simulateOf({ name: "nothing changed", patches: [] });
  assert.ok((await thrownBy(same)) instanceof kernel.RopewalkError);
});

test("a patch fits in one place of a file that the modules are made of, or it is said what is wrong with it", async () => {
  const none = { ...forwards, find: "nobody wrote this" };
  const twice = { ...forwards, find: "readonly" };
  const elsewhere = { ...forwards, file: "link.ts" };
  await assert.rejects(simulateOf({ name: "none", patches: [none] }), /RangeError: a patch fits in 0 places/);
  await assert.rejects(simulateOf({ name: "twice", patches: [twice] }), /RangeError: a patch fits in \d+ places/);
  await assert.rejects(
    simulateOf({ name: "elsewhere", patches: [elsewhere] }),
    /RangeError: no module is made of link/,
  );
});
