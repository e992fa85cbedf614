/** How the mesh's demo measures silence, and what it says of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  longestSilence,
  type MeshReport,
  messageLines,
  stepLines,
  summaryLine,
} from "../../src/mesh/pure/mesh-report.ts";

const step = { deed: "the cable is pulled", silenceMs: 78, wrong: [] };
const report: MeshReport = {
  kind: "mesh",
  ok: true,
  foundAfterMs: 2_000,
  path: ["ab"],
  steps: [step],
  message: { arrivedAfterMs: 700, wrong: [] },
  tookSeconds: 20,
};

test("the longest silence is between two answers, or since the last", () => {
  assert.equal(longestSilence([10, 30, 130, 150], 160), 100);
  assert.equal(longestSilence([10, 30], 230), 200);
  assert.equal(longestSilence([], 230), 0);
});

test("a step tells its silence and what was wrong, the summary the worst of all", () => {
  assert.deepEqual(stepLines(step), ["   the longest time without an answer: 78 ms"]);
  assert.deepEqual(
    stepLines({ ...step, wrong: ["no answers came behind it"] })[1],
    "   WRONG: no answers came behind it",
  );
  const steps = [step, { ...step, silenceMs: 900 }];
  assert.match(
    summaryLine({ ...report, steps }),
    /the longest silence was 900 ms\. .* once, 700 ms .*\. All in 20 s; nothing is left\./,
  );
  assert.match(summaryLine({ ...report, ok: false }), /otherwise than said/);
});

test("of a message to who was away it is told when it arrived, or what was wrong and not that it arrived", () => {
  assert.match(messageLines({ arrivedAfterMs: 700, wrong: [] }).join("\n"), /^ {3}it arrived once, 700 ms after/);
  assert.deepEqual(messageLines({ arrivedAfterMs: 700, wrong: ["it arrived twice"] }), ["   WRONG: it arrived twice"]);
});
