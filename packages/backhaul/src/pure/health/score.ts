/** How good a path is, as one number that paths are compared by. Source of the formula: seed 004 "Interface Scoring". */
import type { Millis } from "@ropewalk/kernel/units";
import type { ScoreStatus, UplinkKind } from "../../status.ts";
import { kindBias } from "../kind-bias.ts";
import type { ScoreConfig } from "./health-config.ts";

/** What was measured of one path; undefined is "not measured". */
export interface ScoreFigures {
  readonly rtt: Millis | undefined;
  /** 0…1. */
  readonly loss: number | undefined;
  /** The share of probe kinds that succeed, 0…1. */
  readonly success: number | undefined;
}

/**
 * Null when nothing was measured. What was not measured while something else was counts nothing, so that a path cannot be
 * liked for what nobody saw.
 */
export function scoreOf(figures: ScoreFigures, kind: UplinkKind, config: ScoreConfig): ScoreStatus | null {
  const { rtt, loss, success } = figures;
  if (rtt === undefined && loss === undefined && success === undefined) return null;
  const latencyPoints = rtt === undefined ? 0 : Math.round(config.weightLatency * below(rtt, config.maxRtt));
  const lossPoints = loss === undefined ? 0 : Math.round(config.weightLoss * below(loss, config.maxLoss));
  const successPoints = success === undefined ? 0 : Math.round(config.weightSuccess * share(success));
  const bias = config.enablePolicyBias ? Math.round(kindBias[kind] * config.policyBiasMultiplier) : 0;
  return {
    total: latencyPoints + lossPoints + successPoints + bias,
    latency: latencyPoints,
    loss: lossPoints,
    success: successPoints,
    bias,
  };
}

/** How far `value` is below `limit`: 1 at none and less, 0 at the limit and above, and of what is not a number. */
function below(value: number, limit: number): number {
  if (value <= 0) return 1;
  return value < limit ? 1 - value / limit : 0;
}

function share(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}
