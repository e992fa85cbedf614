/** A sample of what message-churn-soak-targets.ts does in full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { randomGeometric } from "./graphs.ts";
import { describeChurn, messageChurn } from "./message-churn.ts";

const minute = 60_000;

test("half a mesh is off at any time, and for a while it is in two: what is written arrives, and nothing twice", (t) => {
  const seed = 21;
  const found = messageChurn({
    ...{ seed, graph: randomGeometric(40, 8, new Random(seed)), messages: 200 },
    ...{ written: millis(15 * minute), lasts: millis(60 * minute), uptime: millis(10 * minute) },
    partition: { from: millis(5 * minute), until: millis(15 * minute) },
  });
  t.diagnostic(describeChurn(found));
  assert.equal(found.repeated, 0, `seed ${seed}`);
  assert.ok(found.mostCopies <= 8, `seed ${seed}: ${found.mostCopies} held one`);
  assert.ok(found.arrived >= 0.9 * found.written, `seed ${seed}: ${describeChurn(found)}`);
});
