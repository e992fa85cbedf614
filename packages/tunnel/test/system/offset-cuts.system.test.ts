/** A connection is opened, asked and answered while its lane is cut at one octet after another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cutAtOffsets } from "../faults/offset-cuts.ts";

test("wherever a lane is cut, at its hello, its resumption or in a record, what is asked then is answered", async (t) => {
  assert.deepEqual(await cutAtOffsets(0, 71, (line) => t.diagnostic(line)), []);
});
