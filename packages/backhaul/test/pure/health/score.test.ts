/** The seed's formula: what each figure is worth, and that no figure breaks it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScoreConfig } from "@ropewalk/backhaul/pure/health/health-config";
import { type ScoreFigures, scoreOf } from "@ropewalk/backhaul/pure/health/score";
import { kindBias } from "@ropewalk/backhaul/pure/kind-bias";
import type { UplinkKind } from "@ropewalk/backhaul/status";
import { type Millis, millis } from "@ropewalk/kernel/units";
import fc from "fast-check";

/** The defaults. */
const config: ScoreConfig = {
  weightLatency: 300,
  weightLoss: 200,
  weightSuccess: 500,
  enablePolicyBias: true,
  policyBiasMultiplier: 1,
  maxRtt: millis(200),
  maxLoss: 0.1,
};

function figures(rtt: number | undefined, loss: number | undefined, success: number | undefined): ScoreFigures {
  return { rtt: rtt as Millis | undefined, loss, success };
}

test("a perfect path has all points, its kind's bias on top", () => {
  const score = scoreOf(figures(0, 0, 1), "ethernet", config);
  assert.deepEqual(score, { total: 1_100, latency: 300, loss: 200, success: 500, bias: 100 });
});

test("half of the limit costs half of the points", () => {
  const score = scoreOf(figures(100, 0.05, 0.5), "lte", config);
  assert.deepEqual(score, { total: 560, latency: 150, loss: 100, success: 250, bias: 60 });
});

test("at its limit and beyond a figure is worth nothing, and only the bias is left", () => {
  const nothing = { total: 80, latency: 0, loss: 0, success: 0, bias: 80 };
  assert.deepEqual(scoreOf(figures(200, 0.1, 0), "wifi", config), nothing);
  assert.deepEqual(scoreOf(figures(2_000, 1, 0), "wifi", config), nothing);
});

test("what was not measured counts nothing, and when nothing was there is no score", () => {
  assert.equal(scoreOf(figures(undefined, undefined, undefined), "ethernet", config), null);
  assert.equal(scoreOf(figures(0, undefined, undefined), "ethernet", config)?.total, 400);
  assert.equal(scoreOf(figures(undefined, 1, undefined), "ethernet", config)?.total, 100);
});

test("the bias is multiplied, rounded, or left out", () => {
  const bias = (changes: Partial<ScoreConfig>) => scoreOf(figures(0, 0, 1), "virtual", { ...config, ...changes })?.bias;
  assert.equal(bias({ policyBiasMultiplier: 1.25 }), 113);
  assert.equal(bias({ enablePolicyBias: false }), 0);
});

const kinds = fc.constantFrom(...(Object.keys(kindBias) as UplinkKind[]));
const anyFigure = fc.option(fc.oneof(fc.double(), fc.double({ min: 0, max: 1 }), fc.double({ min: 0, max: 400 })), {
  nil: undefined,
});
const configs = fc.record({
  weightLatency: fc.nat(1_000),
  weightLoss: fc.nat(1_000),
  weightSuccess: fc.nat(1_000),
  enablePolicyBias: fc.boolean(),
  policyBiasMultiplier: fc.double({ min: 0, max: 100, noNaN: true }),
  maxRtt: fc.nat(500).map(millis),
  maxLoss: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("whatever the figures, the points are whole, within their weights, and the total is their sum", () => {
  fc.assert(
    fc.property(anyFigure, anyFigure, anyFigure, kinds, configs, (rtt, loss, success, kind, own) => {
      const score = scoreOf(figures(rtt, loss, success), kind, own);
      if (score === null) return assert.ok([rtt, loss, success].every((figure) => figure === undefined));
      const parts = [score.latency, score.loss, score.success, score.bias];
      assert.equal(
        score.total,
        parts.reduce((sum, part) => sum + part, 0),
      );
      for (const [part, most] of [
        [score.latency, own.weightLatency],
        [score.loss, own.weightLoss],
        [score.success, own.weightSuccess],
        [score.bias, Math.round(100 * own.policyBiasMultiplier)],
      ] as const) {
        assert.ok(Number.isInteger(part) && part >= 0 && part <= most && !Object.is(part, -0), `${part} of ${most}`);
      }
    }),
  );
});

test("a longer round trip, more loss or less success never scores better", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const rtt = fc.double({ min: 0, max: 5_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.tuple(rtt, rtt),
      fc.tuple(share, share),
      fc.tuple(share, share),
      kinds,
      (rtts, losses, shares, kind) => {
        const good = figures(Math.min(...rtts), Math.min(...losses), Math.max(...shares));
        const bad = figures(Math.max(...rtts), Math.max(...losses), Math.min(...shares));
        const [better, worse] = [scoreOf(good, kind, config), scoreOf(bad, kind, config)];
        assert.ok(better !== null && worse !== null && better.total >= worse.total);
      },
    ),
  );
});
