/** What is told of one path: its state with the reason, and figures that are renewed only when they differ by something. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { PathFigures, ScoreStatus, UplinkKind, UplinkReason } from "../../status.ts";
import type { ScoreConfig } from "./health-config.ts";
import type { LossEstimate } from "./quality-window.ts";
import type { RttEstimate } from "./rtt.ts";
import { scoreOf } from "./score.ts";
import type { Settled } from "./settling.ts";

export interface PathVerdict {
  readonly state: Settled["state"];
  readonly reason: UplinkReason;
  readonly figures: PathFigures;
  /** What the score may be, so few pulses having been counted and queues being what they are; undefined without a score. */
  readonly range: { readonly low: number; readonly high: number } | undefined;
  /** So much is surely lost that connections break, whatever the score says. */
  readonly isBreaking: boolean;
}

/** TCP stands still at a loss like this: its throughput falls with the root of it (Mathis et al., CCR 27, 1997), its timeouts double. */
const breakingLoss = { begins: 0.25, ends: 0.2 } as const;

export function isBreaking(loss: LossEstimate | undefined, wasBreaking: boolean): boolean {
  return loss !== undefined && loss.low >= (wasBreaking ? breakingLoss.ends : breakingLoss.begins);
}

export const noFigures: PathFigures = { rttMs: null, jitterMs: null, loss: null, score: null };

export interface Measured {
  readonly rtt: RttEstimate | undefined;
  readonly loss: LossEstimate | undefined;
  readonly success: number | undefined;
  readonly kind: UplinkKind;
}

export function figuresOf({ rtt, loss, success, kind }: Measured, config: ScoreConfig): PathFigures {
  const share = loss === undefined ? undefined : roundLoss(loss.loss);
  return {
    rttMs: rtt === undefined ? null : round(rtt.smoothed),
    jitterMs: rtt === undefined ? null : round(rtt.jitter),
    loss: share ?? null,
    score: scoreOf({ rtt: rtt && millis(round(rtt.smoothed)), loss: share, success }, kind, config),
  };
}

/**
 * The score if the loss were as low, or as high, as the pulses that were counted allow; and at best if a queue on the way, which
 * whoever fills it may leave at any moment, were empty.
 */
export function scoreRange(measured: Measured, score: ScoreStatus | null, config: ScoreConfig): PathVerdict["range"] {
  if (score === null) return undefined;
  const { rtt, loss, success, kind } = measured;
  const totalAt = (time: Millis | undefined, share: number | undefined) =>
    scoreOf({ rtt: time && millis(round(time)), loss: share, success }, kind, config)?.total ?? score.total;
  return { low: totalAt(rtt?.smoothed, loss?.high), high: totalAt(rtt?.base, loss?.low) };
}

/** Three digits, and never finer than a tenth of a millisecond. */
function round(value: number): number {
  return value < 100 ? Math.round(value * 10) / 10 : Math.round(value);
}

function roundLoss(loss: number): number {
  return Math.round(loss * 1_000) / 1_000;
}

/** Whether readers would care: a tenth more or less, and more than noise. */
export function isMaterial(before: PathFigures, after: PathFigures): boolean {
  return (
    differs(before.rttMs, after.rttMs, 1) ||
    differs(before.jitterMs, after.jitterMs, 2) ||
    differs(before.loss, after.loss, 0.01) ||
    Math.abs((before.score?.total ?? -100) - (after.score?.total ?? -100)) >= 10
  );
}

function differs(before: number | null, after: number | null, least: number): boolean {
  if (before === null || after === null) return before !== after;
  return Math.abs(after - before) > Math.max(least, Math.abs(before) / 10);
}

/** Figures are told anew no more often than this. */
export const figuresEvery: Millis = millis(5_000);

/** By what they say: a replayed state shares no objects. */
export function sameReason(a: UplinkReason, b: UplinkReason): boolean {
  return a.code === b.code && a.text === b.text;
}
