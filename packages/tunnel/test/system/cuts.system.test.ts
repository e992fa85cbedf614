/** A tunnel under sixty live streams is cut again and again from outside its processes, and no stream loses an octet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runCuts } from "../faults/cut-run.ts";

const seed = Date.now() % 2 ** 31;

test("twelve cuts, by FIN, RST and silence, in records, handshakes, resumptions and changes of keys: no octet is lost, doubled or exchanged, and each end comes as it was sent", async (t) => {
  const { faults, summary } = await runCuts({ seed, cuts: 12, streams: 60 });
  t.diagnostic(summary);
  assert.deepEqual(faults, [], `seed ${seed}`);
});
