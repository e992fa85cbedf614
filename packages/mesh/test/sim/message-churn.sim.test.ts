/** A sample of what message-churn-soak-targets.ts does in full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { arrivedShare, describeChurn, mostCopies } from "./churn-figures.ts";
import { churnInThreads, churnInTurns, wholeChurn } from "./churn-parts.ts";
import { randomGeometric } from "./graphs.ts";
import { type MessageChurnOptions, messageChurn } from "./message-churn.ts";
import { divided } from "./parts/divided.ts";

const minute = 60_000;

function small(seed: number, partition: number): Omit<MessageChurnOptions, "messages" | "written" | "lasts"> {
  const graph = randomGeometric(24, 7, new Random(seed));
  return {
    ...{ seed, graph, towns: divided(graph, 4), enough: 0.95, uptime: millis(10 * minute) },
    partitions: { first: millis(partition / 2), last: millis(partition), every: millis(60 * minute) },
  };
}

test("half a mesh is off at any time, and for a while it is in two: what is written arrives, and nothing twice", async (t) => {
  const seed = 21;
  const time = { written: millis(10 * minute), lasts: millis(60 * minute) };
  const found = await messageChurn({ ...small(seed, 6 * minute), ...time, messages: 100 }, wholeChurn);
  for (const line of describeChurn(found)) t.diagnostic(line);
  assert.equal(found.repeated, 0, `seed ${seed}`);
  assert.ok(mostCopies(found.mesh) <= 8, `seed ${seed}: ${mostCopies(found.mesh)} held one`);
  assert.ok(arrivedShare(found, found.mesh) >= 0.95, `seed ${seed}: ${describeChurn(found).join("\n")}`);
});

test("four towns that run beside each other find what the whole finds, to the last octet", async () => {
  const time = { written: millis(minute), lasts: millis(2 * minute) };
  const options = { ...small(1, minute), ...time, messages: 30, uptime: millis(2 * minute) };
  const found = await messageChurn(options, wholeChurn);
  assert.ok(found.mesh.latencies.length > 10);
  assert.deepEqual(await messageChurn(options, churnInTurns), found, "in turns");
  assert.deepEqual(await messageChurn(options, churnInThreads), found, "in threads");
});
