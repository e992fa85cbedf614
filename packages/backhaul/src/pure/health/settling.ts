/**
 * From what a path looks like now to the state that others are told: what is bad for good is told at once, what may pass must
 * hold for a while, and what comes back must prove itself. Leaving is fast, returning is slow.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { UplinkReason } from "../../status.ts";
import { type Damping, isSuppressed, penalised, reusableAt } from "./damping.ts";
import type { DampingConfig, SettlingConfig } from "./health-config.ts";
import { sameReason } from "./verdict.ts";

/** What the evidence says at this moment. */
export type Finding = {
  /** "none": nothing is known yet; "unknown": nothing can be. */
  readonly kind: "none" | "up" | "degraded" | "portal" | "down" | "unknown";
  readonly reason: UplinkReason;
};

export interface Settled {
  readonly state: "probing" | "up" | "degraded" | "portal" | "down" | "unknown";
  readonly reason: UplinkReason;
  readonly since: Millis;
  /** Since when the finding is of another kind than the state; undefined while they agree. */
  readonly otherSince: Millis | undefined;
  /** Whether the path was ever trusted: one that was returns slowly, one that is new starts at once. */
  readonly isKnown: boolean;
  readonly damping: Damping | undefined;
}

export interface SettleConfig {
  readonly settling: SettlingConfig;
  readonly damping: DampingConfig;
}

export const starting: UplinkReason = { code: "starting", text: "the first probes are out" };

export function unsettled(now: Millis): Settled {
  return { state: "probing", reason: starting, since: now, otherSince: undefined, isKnown: false, damping: undefined };
}

/** What stays of a path whose interface, address or route went: it was down, and returns like any that was. */
export function settledAfterLoss(before: Settled, now: Millis, config: SettleConfig): Settled {
  const damping = before.state === "down" ? before.damping : penalised(before.damping, now, config.damping);
  return { ...before, state: "down", reason: away, since: now, otherSince: undefined, damping };
}

export function settle(before: Settled, finding: Finding, now: Millis, config: SettleConfig): Settled {
  switch (finding.kind) {
    case "none":
      return before;
    case "unknown":
      return before.state === "unknown"
        ? before
        : { ...before, state: "unknown", reason: finding.reason, since: now, otherSince: undefined };
    case "down":
    case "portal":
      return worsened(before, finding, now, config);
    case "up":
    case "degraded":
      return before.state === "up" || before.state === "degraded"
        ? adjusted(before, finding, now, config)
        : returned(before, finding, now, config);
  }
}

function worsened(before: Settled, finding: Finding, now: Millis, { damping: config }: SettleConfig): Settled {
  const state = finding.kind === "portal" ? "portal" : "down";
  const { reason } = finding;
  if (before.state === state) return withReason({ ...before, otherSince: undefined }, reason);
  const wasTrusted = before.state === "up" || before.state === "degraded";
  const damping = wasTrusted ? penalised(before.damping, now, config) : before.damping;
  return { ...before, state, reason, since: now, otherSince: undefined, damping, isKnown: true };
}

/** Between up and degraded. */
function adjusted(before: Settled, finding: Finding, now: Millis, { settling }: SettleConfig): Settled {
  if (finding.kind === before.state) return withReason(steady(before), finding.reason);
  const otherSince = before.otherSince ?? now;
  const hold = finding.kind === "degraded" ? settling.degradeAfter : settling.recoverAfter;
  if (now < changeableAt(before.since, otherSince, hold, settling)) {
    return before.otherSince === otherSince ? before : { ...before, otherSince };
  }
  const state = finding.kind === "degraded" ? "degraded" : "up";
  return { ...before, state, reason: finding.reason, since: now, otherSince: undefined };
}

function steady(before: Settled): Settled {
  return before.otherSince === undefined ? before : { ...before, otherSince: undefined };
}

function withReason(settled: Settled, reason: UplinkReason): Settled {
  return sameReason(settled.reason, reason) ? settled : { ...settled, reason };
}

function changeableAt(since: Millis, otherSince: Millis, hold: Millis, settling: SettlingConfig): number {
  return Math.max(otherSince + hold, since + settling.minDuration);
}

/** From down, portal or probing to usable, by way of probing. */
function returned(before: Settled, finding: Finding, now: Millis, config: SettleConfig): Settled {
  const otherSince = before.state === "probing" ? (before.otherSince ?? now) : now;
  const isHeldBack = isSuppressed(before.damping, now, config.damping);
  const isDue = !before.isKnown || now >= otherSince + config.settling.returnAfter;
  if (isDue && !isHeldBack) {
    const state = finding.kind === "degraded" ? "degraded" : "up";
    return { ...before, state, reason: finding.reason, since: now, otherSince: undefined, isKnown: true };
  }
  const reason = isHeldBack ? suppressed : returning;
  const since = before.state === "probing" ? before.since : now;
  return withReason({ ...before, state: "probing", since, otherSince }, reason);
}

const away: UplinkReason = { code: "silent", text: "it was away, and since it came back nothing was heard" };
const returning: UplinkReason = {
  code: "returning",
  text: "it answers again, and must go on doing so before it is trusted (backhaul.settling.return_after)",
};
const suppressed: UplinkReason = {
  code: "suppressed",
  text: "it answers, but went down so often of late that it must stay calm first (backhaul.damping)",
};

/** When the state changes if the finding stays as it is; undefined when it does not. */
export function settlesAt(settled: Settled, finding: Finding, config: SettleConfig): Millis | undefined {
  const { otherSince, state } = settled;
  if (otherSince === undefined || (finding.kind !== "up" && finding.kind !== "degraded")) return undefined;
  const { settling, damping } = config;
  if (state === "up" || state === "degraded") {
    const hold = finding.kind === "degraded" ? settling.degradeAfter : settling.recoverAfter;
    return finding.kind === state ? undefined : millis(changeableAt(settled.since, otherSince, hold, settling));
  }
  const reusable = reusableAt(settled.damping, damping);
  return millis(Math.max(otherSince + (settled.isKnown ? settling.returnAfter : 0), reusable ?? 0));
}
