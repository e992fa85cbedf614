import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { type Delay, DelayLine } from "../../src/pure/delay-line.ts";

const packet = (number: number) => Uint8Array.of(number);
const fixed: Delay = { delay: millis(40), jitter: millis(0) };

test("a packet leaves when its delay has passed and not before", () => {
  const line = new DelayLine(10);
  assert.equal(line.deadline(), undefined);
  line.offer(millis(100), packet(1), fixed, 0.5);
  assert.equal(line.deadline(), 140);
  assert.equal(line.take(millis(139.99)), undefined);
  assert.deepEqual(line.take(millis(140)), packet(1));
  assert.equal(line.take(millis(1000)), undefined);
});

test("a full line loses the newest packet and has room again when one has left", () => {
  const line = new DelayLine(2);
  assert.deepEqual(
    [1, 2, 3].map((n) => line.offer(millis(n), packet(n), fixed, 0.5)),
    [true, true, false],
  );
  assert.deepEqual(line.take(millis(41)), packet(1));
  assert.equal(line.offer(millis(41), packet(4), fixed, 0.5), true);
});

test("a shorter delay never lets a later packet overtake an earlier one", () => {
  const line = new DelayLine(10);
  line.offer(millis(0), packet(1), fixed, 0.5);
  line.offer(millis(1), packet(2), { delay: millis(1), jitter: millis(0) }, 0.5);
  assert.equal(line.take(millis(39)), undefined);
  assert.deepEqual([line.take(millis(40)), line.take(millis(40))], [packet(1), packet(2)]);
});

test("packets leave in order, each within the jitter of its delay or just behind the one before", () => {
  const arrivals = fc.array(
    fc.record({ gap: fc.double({ min: 0, max: 20, noNaN: true }), chance: fc.double({ min: 0, max: 1, noNaN: true }) }),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(arrivals, (steps) => {
      const line = new DelayLine(1000);
      const jittery: Delay = { delay: millis(30), jitter: millis(10) };
      let now = 0;
      let lastDue = 0;
      for (const [number, { gap, chance }] of steps.entries()) {
        now += gap;
        line.offer(millis(now), packet(number), jittery, chance);
        const due = Math.max(lastDue, now + 20 + 20 * chance);
        if (number === 0) assert.ok(Math.abs((line.deadline() ?? 0) - due) < 1e-9);
        lastDue = due;
      }
      const left: number[] = [];
      for (let taken = line.take(millis(lastDue + 1)); taken; taken = line.take(millis(lastDue + 1)))
        left.push(taken[0] ?? -1);
      assert.deepEqual(
        left,
        steps.map((_, number) => number),
      );
      assert.equal(line.deadline(), undefined);
    }),
    { numRuns: 500 },
  );
});
