/** Messages to whom nobody has a way, carried by who meets by chance. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { carry } from "./couriers.ts";

test("what is carried arrives once, by eight nodes at most, and is carried no more when its life is over", () => {
  for (const seed of [1, 2]) assert.deepEqual(carry(seed), [], `seed ${seed}`);
});
