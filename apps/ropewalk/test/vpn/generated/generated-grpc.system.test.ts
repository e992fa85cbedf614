/** Samples of what the soak does in full: requests drawn from the .proto of an exit and of entry's registry. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askExit, askRegistry } from "./grpc-soak-targets.ts";

const seed = Number(process.env["ROPEWALK_TEST_SEED"] ?? Date.now() % 2 ** 31);

test(`no request that is drawn from its description is a defect of an exit's (seed ${seed})`, async (context) => {
  assert.deepEqual(await askExit(400, seed, (line) => context.diagnostic(line)), []);
});

test(`no heartbeat that is drawn from its description is a defect of entry's (seed ${seed})`, async (context) => {
  assert.deepEqual(await askRegistry(400, seed, (line) => context.diagnostic(line)), []);
});
