/** When a destination is asked seldom, and when it is forgiven. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { DialFailure } from "@ropewalk/tunnel/pure/reach/attempt";
import { type Breaker, closedBreaker, excused, failed, heldUntil, passed } from "@ropewalk/tunnel/pure/reach/breaker";

const config = { failures: 3, window: seconds(60), cooldown: seconds(30) };
const fail = (breaker: Breaker, now: number, reason: DialFailure = "refused", chance = 0) =>
  failed(breaker, reason, { now: millis(now), chance }, config);
const open = [0, 1_000, 2_000].reduce<Breaker>((breaker, now) => fail(breaker, now), closedBreaker);

test("it opens at so many failures within the window, and not when they are further apart", () => {
  assert.deepEqual(open, { kind: "open", since: 2_000, nextAt: 32_000 });
  const slow = [0, 30_000, 60_000, 90_000].reduce<Breaker>((breaker, now) => fail(breaker, now), closedBreaker);
  assert.equal(slow.kind, "closed");
  assert.equal(fail(slow, 90_001).kind, "open");
});

test("what was not reached, or cut off, does not open it", () => {
  const cuts = Array.from({ length: 50 }, (_, index) => index);
  const kept = cuts.reduce<Breaker>(
    (breaker, now) => fail(breaker, now, now % 2 ? "cut-off" : "unreachable"),
    closedBreaker,
  );
  assert.deepEqual(kept, closedBreaker);
  for (const reason of ["refused", "deadline", "no-welcome"] as const)
    assert.equal([0, 1, 2].reduce<Breaker>((breaker, now) => fail(breaker, now, reason), closedBreaker).kind, "open");
});

test("while it is open each attempt that passes or fails, for whatever reason, begins another cooldown", () => {
  assert.equal(heldUntil(closedBreaker), undefined);
  assert.equal(heldUntil(open), 32_000);
  assert.equal(heldUntil(passed(open, millis(32_000), config)), 62_000);
  assert.equal(heldUntil(fail(open, 40_000, "unreachable")), 70_000);
  assert.equal(heldUntil(fail(open, 40_000, "refused", 1)), 77_500);
  assert.deepEqual(passed(closedBreaker, millis(5), config), closedBreaker);
});

test("who is excused may be asked at once, and never later than before", () => {
  assert.equal(heldUntil(excused(open, millis(5_000))), 5_000);
  assert.equal(heldUntil(excused(open, millis(99_000))), 32_000);
  assert.deepEqual(excused(closedBreaker, millis(5)), closedBreaker);
});
