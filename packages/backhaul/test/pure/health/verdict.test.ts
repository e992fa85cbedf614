/** How far a score is trusted: few pulses widen what it may be, and a full queue may empty. And what breaks connections. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { healthTables } from "@ropewalk/backhaul/health-section";
import type { LossEstimate } from "@ropewalk/backhaul/pure/health/quality-window";
import type { RttEstimate } from "@ropewalk/backhaul/pure/health/rtt";
import { figuresOf, isBreaking, type Measured, scoreRange } from "@ropewalk/backhaul/pure/health/verdict";
import { millis } from "@ropewalk/kernel/units";

const config = healthTables.score.parse({});

function measured(rttMs: number, baseMs: number, loss: LossEstimate): Measured {
  const [smoothed, base] = [millis(rttMs), millis(baseMs)];
  const rtt: RttEstimate = {
    smoothed,
    variation: millis(0),
    base,
    jitter: millis(0),
    latest: smoothed,
    isFirst: false,
  };
  return { rtt, loss, success: 1, kind: "ethernet" };
}

function rangeOf(given: Measured) {
  const { score } = figuresOf(given, config);
  return { total: score?.total, ...scoreRange(given, score, config) };
}

const exactly = (loss: number): LossEstimate => ({ samples: 1e6, loss, low: loss, high: loss });

test("what was counted exactly, without a queue, has no range", () => {
  assert.deepEqual(rangeOf(measured(20, 20, exactly(0.05))), { total: 970, low: 970, high: 970 });
});

test("loss of which few pulses tell may be less or more", () => {
  const few = { samples: 20, loss: 0.05, low: 0.01, high: 0.09 };
  assert.deepEqual(rangeOf(measured(20, 20, few)), { total: 970, low: 890, high: 1_050 });
});

test("a path whose queue is full may be as good as its shortest round trip", () => {
  assert.deepEqual(rangeOf(measured(2_000, 20, exactly(0))), { total: 800, low: 800, high: 1_070 });
});

test("a loss breaks connections once it is surely a quarter, and goes on breaking them until it may be less than a fifth", () => {
  const surely = (low: number): LossEstimate => ({ samples: 40, loss: low + 0.15, low, high: low + 0.3 });
  assert.equal(isBreaking(undefined, true), false);
  assert.equal(isBreaking(surely(0.24), false), false);
  assert.equal(isBreaking(surely(0.25), false), true);
  assert.equal(isBreaking(surely(0.2), true), true);
  assert.equal(isBreaking(surely(0.19), true), false);
});
