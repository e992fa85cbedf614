/**
 * The checks of one path: questions of every kind, each with its own time, and what was last answered. A failure is asked again at
 * once; only a second one in a row is believed.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { ProbeKind, ProbeQuestion, ProbeResult } from "./probe.ts";

/** A question that a path wants asked again and again. */
export interface PlannedCheck {
  /** Unique on its path, and the same for the same question. */
  readonly key: string;
  readonly kind: ProbeKind;
  /** "cloudflare 1.1.1.1", "resolver 192.0.2.53", "gateway 198.18.0.1". */
  readonly label: string;
  readonly role: CheckRole;
  readonly question: ProbeQuestion;
  readonly limit: Millis;
  readonly interval: Millis;
  /**
   * Where in each interval it is asked while all is well: paths that ask at other times do not stall each other. Undefined: an
   * interval after it was asked last.
   */
  readonly phase: Millis | undefined;
  /** After the start of a round, so that all do not leave at once. */
  readonly delay: Millis;
}

/** `gateway` and `fallback` are asked to tell why something fails: they are of no weight while all is well. */
export type CheckRole = "target" | "resolver" | "page" | "gateway" | "fallback";

export interface Check {
  readonly plan: PlannedCheck;
  readonly nextAt: Millis;
  readonly inFlight: { readonly id: number; readonly askedAt: Millis } | undefined;
  readonly last: { readonly result: ProbeResult; readonly at: Millis } | undefined;
  /** Answers in a row that took longer than one repetition of the question. */
  readonly slowAnswers: number;
  /** Bad results in a row. */
  readonly failures: number;
}

/** In order of their plan. */
export type Checks = readonly Check[];

/** Bad results in a row that are believed. */
const believed = 2;
const retryAfter: Millis = seconds(1);
/** What goes on failing is asked so often, or four times in its interval where that is rarer: there each asking costs. */
const slowestRetry: Millis = seconds(60);

/** Evidence stays with its question; new questions are asked at once. */
export function reconciled(before: Checks, planned: readonly PlannedCheck[], now: Millis): Checks {
  return planned.map((plan): Check => {
    const known = before.find((check) => check.plan.key === plan.key);
    if (known !== undefined) return { ...known, plan };
    return {
      plan,
      nextAt: millis(now + plan.delay),
      inFlight: undefined,
      last: undefined,
      slowAnswers: 0,
      failures: 0,
    };
  });
}

/** Everything is to be asked now. */
export function hastened(checks: Checks, now: Millis, isWanted: (check: Check) => boolean = () => true): Checks {
  return checks.map((check) => {
    const at = millis(now + check.plan.delay);
    return isWanted(check) && at < check.nextAt ? { ...check, nextAt: at } : check;
  });
}

export function isDue({ nextAt, inFlight, plan }: Check, now: Millis, isFallbackWanted: boolean): boolean {
  if (now < nextAt) return false;
  // Only echo has no end of its own.
  if (inFlight !== undefined) return plan.kind === "echo" && now - inFlight.askedAt >= plan.limit;
  return plan.role !== "fallback" || isFallbackWanted;
}

export function asked(check: Check, id: number, now: Millis): Check {
  const unanswered = check.inFlight === undefined ? check : withResult(check, { kind: "silent" }, now);
  return { ...unanswered, inFlight: { id, askedAt: now }, nextAt: nextTime(unanswered, now) };
}

export function withResult(check: Check, result: ProbeResult, now: Millis): Check {
  const verdict = judged(result);
  if (verdict === "nothing") return { ...check, inFlight: undefined, last: { result, at: now } };
  const failures = verdict === "good" ? 0 : check.failures + 1;
  const slowAnswers = isSlow(result) ? check.slowAnswers + 1 : 0;
  const after = { ...check, inFlight: undefined, last: { result, at: now }, slowAnswers, failures };
  // What contradicts the answer before is asked again at once.
  const isNews = failures === 1 || slowAnswers === 1 || (failures === 0 && check.failures >= believed);
  const soon = millis(now + retryAfter);
  return isNews && soon < after.nextAt ? { ...after, nextAt: soon } : after;
}

function nextTime({ failures, plan: { interval, phase, kind, limit } }: Check, now: Millis): Millis {
  if (failures === 0) {
    const step = kind === "echo" ? Math.max(interval, limit) : interval;
    if (phase === undefined) return millis(now + step);
    return nextInPhase(step, phase, now + Math.max(step / 2, limitOfEcho(kind, limit)));
  }
  const retry = Math.min(Math.max(slowestRetry, interval / 4), retryAfter * 2 ** Math.min(failures, 10));
  return millis(now + Math.max(Math.min(interval, retry), limitOfEcho(kind, limit)));
}

function nextInPhase(step: number, phase: Millis, soonest: number): Millis {
  return millis(Math.ceil((soonest - phase) / step) * step + phase);
}

function limitOfEcho(kind: ProbeKind, limit: Millis): number {
  return kind === "echo" ? limit : 0;
}

/** "nothing": the result says nothing of the path. */
export function judged(result: ProbeResult): "good" | "bad" | "nothing" {
  switch (result.kind) {
    case "answered":
      return "good";
    case "resolved":
      // NOERROR and NXDOMAIN are answers; SERVFAIL and REFUSED are not (RFC 1035 §4.1.1).
      return result.rcode === 0 || result.rcode === 3 ? "good" : "bad";
    case "limited":
    case "intercepted":
    case "refused":
    case "silent":
      return "bad";
    case "skipped":
      return "nothing";
    case "unsent":
      return result.cause === "unreachable" ? "bad" : "nothing";
  }
}

/** Resolvers are asked again after a second: what takes that long may be a loss, or a slow resolver when it happens twice. */
function isSlow(result: ProbeResult): boolean {
  return result.kind === "resolved" && result.rtt > 900;
}

export function isBelieved({ failures }: Check): boolean {
  return failures >= believed;
}

/** It was good, and nothing since was not. */
export function isGood({ last, failures }: Check): boolean {
  return last !== undefined && failures === 0 && judged(last.result) === "good";
}

/** The result of a check that is believed to be intercepted. */
export function interception(check: Check): string | undefined {
  return isBelieved(check) && check.last?.result.kind === "intercepted" ? check.last.result.detail : undefined;
}

/** Whether every question that counts has an answer of some kind. */
export function isRoundComplete(checks: Checks): boolean {
  return checks.every(({ plan, last, failures }) => {
    if (plan.role === "fallback" || plan.role === "gateway") return true;
    return last !== undefined && (failures === 0 || failures >= believed);
  });
}

/** Fallbacks are asked once another check of their kind fails. */
export function isFallbackWanted(checks: Checks, { plan }: Check): boolean {
  return checks.some((check) => check.plan.kind === plan.kind && check.plan.role !== "fallback" && check.failures > 0);
}
