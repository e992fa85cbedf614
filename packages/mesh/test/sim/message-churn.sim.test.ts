/** A sample of what message-churn-soak-targets.ts does in full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { arrivedShare, describeChurn, mostCopies } from "./churn-figures.ts";
import { randomGeometric } from "./graphs.ts";
import { messageChurn } from "./message-churn.ts";

const minute = 60_000;

test("half a mesh is off at any time, and for a while it is in two: what is written arrives, and nothing twice", (t) => {
  const seed = 21;
  const found = messageChurn({
    ...{ seed, graph: randomGeometric(24, 7, new Random(seed)), messages: 100 },
    ...{ written: millis(10 * minute), lasts: millis(60 * minute), enough: 0.95, uptime: millis(10 * minute) },
    partitions: { first: millis(3 * minute), last: millis(6 * minute), every: millis(60 * minute) },
  });
  for (const line of describeChurn(found)) t.diagnostic(line);
  assert.equal(found.repeated, 0, `seed ${seed}`);
  assert.ok(mostCopies(found.mesh) <= 8, `seed ${seed}: ${mostCopies(found.mesh)} held one`);
  assert.ok(arrivedShare(found, found.mesh) >= 0.95, `seed ${seed}: ${describeChurn(found).join("\n")}`);
});
