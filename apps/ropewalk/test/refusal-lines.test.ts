/** A flood of refusals is told by its number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";
import type { RefusalReason } from "@ropewalk/tunnel/pure/refusal";
import { RefusalLines } from "../src/compose/refusal-lines.ts";

test("twenty refusals a second are told one by one, the others together when the second is over", () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const more: object[] = [];
  using lines = new RefusalLines({
    clock,
    tell: (_, remote) => told.push(remote),
    tellMore: (each) => more.push(each),
  });
  const add = (count: number, reason: RefusalReason) => {
    for (let each = 0; each < count; each += 1) lines.add({ by: "us", reason, detail: "" }, `${reason} ${each}`);
  };
  add(19, "expired");
  add(3, "shed");
  add(5, "rate-limited");
  assert.deepEqual([told.length, told.at(-1), more], [20, "shed 0", []]);
  clock.advance(seconds(1));
  assert.deepEqual(more, [{ shed: 2, "rate-limited": 5 }]);
  add(1, "expired");
  clock.advance(seconds(5));
  assert.deepEqual([told.length, more.length, clock.pendingTimers()], [21, 1, []]);
});
