import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep, withDeadline } from "@ropewalk/kernel/clock";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis } from "@ropewalk/kernel/units";

test("timers fire in order of their time, also those that timers set", () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  clock.after("second", millis(20), () => fired.push(`second at ${clock.now()}`));
  clock.after("first", millis(10), () => {
    fired.push(`first at ${clock.now()}`);
    clock.after("nested", millis(5), () => fired.push(`nested at ${clock.now()}`));
  });
  const cancelled = clock.after("cancelled", millis(1), () => fired.push("cancelled"));
  cancelled[Symbol.dispose]();
  clock.advance(millis(30));
  assert.deepEqual(fired, ["first at 10", "nested at 15", "second at 20"]);
  assert.deepEqual(clock.pendingTimers(), []);
});

test("a sleep ends early, with the signal's reason, and leaves no timer", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const sleeping = sleep(clock, "nap", millis(1000), stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(sleeping, /enough/);
  assert.deepEqual(clock.pendingTimers(), []);
});

test("work that outlives its deadline is reported, work that does not leaves no timer", async () => {
  const clock = new FakeClock();
  const late = withDeadline(
    clock,
    "reply",
    millis(50),
    new Promise<never>(() => {}),
    () => new Error("no reply in 50 ms"),
  );
  clock.advance(millis(51));
  await assert.rejects(late, /no reply in 50 ms/);
  assert.equal(await withDeadline(clock, "reply", millis(50), Promise.resolve(7), () => new Error("late")), 7);
  assert.deepEqual(clock.pendingTimers(), []);
});

test("the system clock never runs backwards and its timers can be cancelled", async () => {
  const clock = createSystemClock();
  const before = clock.now();
  const fired = await new Promise<string>((resolve) => {
    clock.after("cancelled", millis(1), () => resolve("cancelled"))[Symbol.dispose]();
    clock.after("kept", millis(5), () => resolve("kept"));
  });
  assert.equal(fired, "kept");
  assert.ok(clock.now() >= before);
});
