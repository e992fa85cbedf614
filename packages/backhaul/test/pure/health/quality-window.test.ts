import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, emptyWindow, lossOf, type QualityWindow } from "@ropewalk/backhaul/pure/health/quality-window";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";

const at = (time: number) => millis(time);

function filled(every: number, results: readonly boolean[], interval = 1_000): QualityWindow {
  return results.reduce(
    (window, isAnswered, index) => counted(window, at(index * every), isAnswered ? "answered" : "lost"),
    emptyWindow(at(interval)),
  );
}

test("loss is what was lost of what was decided, and nothing is known before", () => {
  assert.equal(lossOf([emptyWindow(at(1_000))], at(0)), undefined);
  const loss = lossOf([filled(1_000, [true, true, true, false])], at(4_000));
  assert.deepEqual([loss?.samples, loss?.loss], [4, 0.25]);
});

test("a minute later what was lost is forgotten", () => {
  const window = counted(filled(1_000, Array(20).fill(false)), at(85_000), "answered");
  assert.equal(lossOf([window], at(85_000))?.loss, 0);
});

test("the interval of so few pulses is wide, of many narrow, and holds the loss", () => {
  const few = lossOf([filled(1_000, [true, true, true, true, false])], at(5_000));
  const many = lossOf(
    [
      filled(
        50,
        Array.from({ length: 1_000 }, (_, index) => index % 5 !== 0),
      ),
    ],
    at(50_000),
  );
  assert.ok(few !== undefined && many !== undefined);
  assert.ok(few.high - few.low > 0.5 && many.high - many.low < 0.06);
  // A published example: 10 of 100 at 95 % is 0.0552 to 0.1744 (Newcombe 1998, table I, method 3).
  const published = lossOf(
    [
      filled(
        100,
        Array.from({ length: 100 }, (_, index) => index % 10 !== 0),
      ),
    ],
    at(10_000),
  );
  assert.ok(Math.abs((published?.low ?? 0) - 0.0552) < 5e-4 && Math.abs((published?.high ?? 0) - 0.1744) < 5e-4);
});

test("however many pulses are counted, a window holds twelve buckets, and its loss lies in its interval", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.boolean()), { maxLength: 80 }), (events) => {
      let now = 0;
      let window = emptyWindow(at(1_000));
      for (const [passed, isAnswered] of events) {
        now += passed;
        window = counted(window, at(now), isAnswered ? "answered" : "lost");
      }
      assert.ok(window.buckets.length <= 12);
      const loss = lossOf([window], at(now));
      if (loss === undefined) return;
      assert.ok(loss.low <= loss.loss + 1e-9 && loss.loss <= loss.high + 1e-9 && loss.low >= 0 && loss.high <= 1);
    }),
  );
});

test("a line that got better stays so while what it lost leaves the window", () => {
  const loseOneOfTwo = Array.from({ length: 80 }, (_, index) => index % 2 === 0);
  const lows: number[] = [];
  for (let calm = 20; calm <= 160; calm += 1) {
    const now = at((80 + calm) * 500);
    const window = filled(500, [...loseOneOfTwo, ...Array(calm).fill(true)]);
    lows.push(lossOf([window], now)?.low ?? 1);
  }
  const firstGood = lows.findIndex((low) => low <= 0.05);
  assert.ok(firstGood >= 0 && firstGood <= 20, `good again after ${firstGood} pulses`);
  assert.deepEqual(
    lows.slice(firstGood).filter((low) => low > 0.05),
    [],
  );
});

test("a line that got worse is judged by its newest pulses", () => {
  const window = filled(500, [...Array(90).fill(true), ...Array.from({ length: 20 }, (_, index) => index % 2 === 0)]);
  assert.ok((lossOf([window], at(55_000))?.low ?? 0) > 0.25);
});
