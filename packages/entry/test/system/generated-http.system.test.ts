/** A sample of what the soak does in full: requests drawn from the description of entry's HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askAll } from "../http-soak-targets.ts";

test("no request that is drawn from the description is a defect of entry's", { timeout: 120_000 }, async (context) => {
  assert.deepEqual(await askAll(400, 7, (line) => context.diagnostic(line)), []);
});
