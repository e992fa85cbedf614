/** A small flood, as `npm run soak` has a large one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { memoryFaults, sybilMemory } from "./sybil-memory.ts";

test("a flood of sybils takes a node with a full table no more memory than it has, but for a twentieth", async () => {
  const order = { most: 2_048, count: 2_000, lasts: seconds(2), seed: 1 };
  const memory = await sybilMemory(order);
  assert.deepEqual(memoryFaults(memory, order), [], JSON.stringify(memory));
  assert.ok(memory.full - memory.empty > 500_000, `${JSON.stringify(memory)}: a full table is of some size`);
});
