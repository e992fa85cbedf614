/** Rests between two looks, which a call or the end cuts short. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Wake } from "@ropewalk/entry/io/wake";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";

test("a rest lasts as long as was said, unless somebody calls", async () => {
  const [wake, clock, { signal }] = [new Wake(), new FakeClock(), new AbortController()];
  const rested = wake.rest(clock, "a look", seconds(60), signal);
  clock.advance(seconds(60));
  await rested;
  const called = wake.rest(clock, "a look", seconds(60), signal);
  wake.call();
  await called;
});

test("many calls while nobody rests are one: the next goes on at once, and the one behind it rests", async () => {
  const [wake, clock, { signal }] = [new Wake(), new FakeClock(), new AbortController()];
  wake.call();
  wake.call();
  await wake.rest(clock, "a look", seconds(60), signal);
  let isOver = false;
  const second = wake.rest(clock, "a look", seconds(60), signal).then(() => {
    isOver = true;
  });
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  clock.advance(seconds(60));
  await second;
});

test("nobody rests who was told to end, before it or meanwhile", async () => {
  const [wake, clock, end] = [new Wake(), new FakeClock(), new AbortController()];
  const resting = wake.rest(clock, "a look", seconds(60), end.signal);
  end.abort(new Error("the end"));
  await assert.rejects(resting, { message: "the end" });
  await assert.rejects(wake.rest(clock, "a look", seconds(60), end.signal), { message: "the end" });
});
