/** The store's time: it goes with the monotonic clock, from the wall clock or from where the store was left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { StoreCalendar, type StoreTime } from "@ropewalk/mesh/pure/messages/store-time";

const last = 5_000 as StoreTime;

test("it begins at the wall clock, and goes on by the other", () => {
  const calendar = new StoreCalendar({ now: millis(700), wall: 9_000_999, last });
  assert.deepEqual(
    [700, 1_699, 1_700, 61_700].map((now) => calendar.at(millis(now))),
    [9_000, 9_000, 9_001, 9_061],
  );
});

test("where the clock was set back it begins where the store was left", () => {
  const calendar = new StoreCalendar({ now: millis(0), wall: -5, last });
  assert.equal(calendar.at(millis(2_000)), 5_002);
});

test("what lives for so long has at most that left, and nothing when its time has come", () => {
  const calendar = new StoreCalendar({ now: millis(300), wall: 9_000_000, last });
  const until = calendar.after(millis(800), millis(10_700));
  assert.equal(until, 9_011);
  assert.equal(calendar.left(millis(800), until), 10_500);
  assert.equal(calendar.left(millis(11_300), until), 0);
  assert.equal(calendar.left(millis(99_999), until), 0);
});
