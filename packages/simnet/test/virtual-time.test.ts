/** The heap of what is to happen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { VirtualTime } from "@ropewalk/simnet/virtual-time";
import fc from "fast-check";

test("things happen in order of time, ties in the order they were scheduled, and none that was cancelled", () => {
  const script = fc.array(fc.record({ at: fc.nat({ max: 100 }), isCancelled: fc.boolean() }), {
    maxLength: 200,
    size: "max",
  });
  fc.assert(
    fc.property(script, (entries) => {
      const time = new VirtualTime();
      const seen: number[] = [];
      const scheduled = entries.map(({ at }, index) => time.after(millis(at), () => void seen.push(index)));
      for (const [index, { isCancelled }] of entries.entries()) {
        const happening = scheduled[index];
        if (isCancelled && happening !== undefined) {
          time.cancel(happening);
          time.cancel(happening);
        }
      }
      time.runUntil(millis(100));
      const expected = [...entries.entries()]
        .filter(([, { isCancelled }]) => !isCancelled)
        .toSorted(([, a], [, b]) => a.at - b.at)
        .map(([index]) => index);
      assert.deepEqual(seen, expected);
    }),
  );
});

test("of what happens at one time the lower rank is first, whenever it was scheduled", () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  const late = time.at(10, () => seen.push("second rank"));
  time.cancel(late);
  late.rank = 1;
  time.schedule(10, late);
  time.at(10, () => seen.push("first rank"));
  time.at(9, () => seen.push("sooner"));
  time.run(millis(10));
  assert.deepEqual(seen, ["sooner", "first rank", "second rank"]);
});

test("what is scheduled while something happens takes its place in time", () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  time.after(millis(10), () => {
    seen.push(`first at ${time.now}`);
    time.after(millis(0), () => seen.push(`at once at ${time.now}`));
    time.after(millis(5), () => seen.push(`later at ${time.now}`));
  });
  time.after(millis(10), () => seen.push(`second at ${time.now}`));
  time.run(millis(14));
  assert.deepEqual(seen, ["first at 10", "second at 10", "at once at 10"]);
  assert.equal(time.now, 14);
  time.run(millis(1));
  assert.deepEqual(seen.at(-1), "later at 15");
});

test("nothing can be scheduled twice or at no time, and nothing before now", () => {
  const time = new VirtualTime();
  const happening = time.after(millis(5), () => {});
  assert.throws(() => time.schedule(6, happening), /scheduled already/);
  time.run(millis(10));
  assert.throws(() => time.schedule(Number.NaN, happening), /is no time/);
  time.schedule(3, happening);
  assert.equal(happening.at, 10);
});

test("somebody who wants to be called now, and again now, is stopped", () => {
  const time = new VirtualTime();
  const again = () => void time.after(millis(0), again);
  again();
  assert.throws(() => time.run(millis(1)), /no end/);
});
