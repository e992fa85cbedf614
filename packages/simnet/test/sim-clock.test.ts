/** Time as a process sees it, also when the process was stopped for a while. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import { SimClock } from "@ropewalk/simnet/sim-clock";
import { VirtualTime } from "@ropewalk/simnet/virtual-time";

function started() {
  const time = new VirtualTime();
  return { time, clock: new SimClock(time, 1_000_000) };
}

test("a timer fires when its delay has passed, once, and not when it was disposed of", async () => {
  const { time, clock } = started();
  const seen: number[] = [];
  clock.after("one", millis(10), () => seen.push(clock.now()));
  const cancelled = clock.after("two", millis(5), () => seen.push(-1));
  cancelled[Symbol.dispose]();
  cancelled[Symbol.dispose]();
  const slept = sleep(clock, "nap", millis(20));
  time.run(millis(100));
  await slept;
  assert.deepEqual(seen, [10]);
});

test("wall time runs with the other and may jump by itself", () => {
  const { time, clock } = started();
  time.run(millis(50));
  clock.jumpWall(-3_600_000);
  assert.equal(clock.wall(), 1_000_050 - 3_600_000);
  assert.equal(clock.now(), 50);
});

test("after a stall the timers that fell due come first, in their order, then what was received", () => {
  const { time, clock } = started();
  const seen: string[] = [];
  const note = (what: string) => seen.push(`${what} at ${clock.now()}`);
  clock.after("late 2", millis(30), () => note("timer 30"));
  clock.after("late 1", millis(20), () => {
    note("timer 20");
    clock.after("new", millis(0), () => note("new timer"));
  });
  clock.after("in time", millis(200), () => note("timer 200"));
  time.after(millis(10), () => clock.stall(millis(90)));
  time.after(millis(15), () => clock.receive(() => note("packet 15")));
  time.after(millis(25), () => clock.receive(() => note("packet 25")));
  time.run(millis(300));
  assert.deepEqual(seen, [
    "timer 20 at 100",
    "timer 30 at 100",
    "packet 15 at 100",
    "packet 25 at 100",
    "new timer at 100",
    "timer 200 at 200",
  ]);
});

test("a late timer may cancel another late timer, and a longer stall outlasts a shorter", () => {
  const { time, clock } = started();
  const seen: number[] = [];
  const second = clock.after("second", millis(20), () => seen.push(-1));
  clock.after("first", millis(10), () => {
    seen.push(clock.now());
    second[Symbol.dispose]();
  });
  clock.stall(millis(50));
  clock.stall(millis(30));
  assert.equal(clock.isStalled, true);
  time.run(millis(100));
  assert.deepEqual(seen, [50]);
});
