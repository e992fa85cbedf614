/** How a source keeps its lane: the ordinary course, told as scenarios. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Reaching } from "./reach-fixture.ts";

test("a lost lane is sought at once, then after growing waits", () => {
  const reaching = Reaching.carrying();
  const lostAt = reaching.now;
  reaching.chance = 1;
  reaching.lose();
  for (let failures = 0; failures < 4; failures += 1) {
    reaching.fail(reaching.last.attempt);
    reaching.pass(1_000);
  }
  const waits = reaching.dials.slice(1).map(({ at }) => at - lostAt);
  assert.deepEqual(waits, [0, 100, 1200, 2400, 3800]);
});
