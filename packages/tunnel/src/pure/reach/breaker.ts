/**
 * A destination that takes connections and does nothing good with them is asked seldom: a handshake costs both ends. The
 * breaker never stays open for good, one attempt each cooldown goes through, and it closes with the first that succeeds.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { DialFailure } from "./attempt.ts";

export interface BreakerConfig {
  /** So many within `window` open it. */
  readonly failures: number;
  readonly window: Millis;
  /** From one attempt to the next while it is open. */
  readonly cooldown: Millis;
}

export type Breaker =
  | { readonly kind: "closed"; readonly failedAt: readonly Millis[] }
  | { readonly kind: "open"; readonly since: Millis; readonly nextAt: Millis };

export const closedBreaker: Breaker = { kind: "closed", failedAt: [] };

/** What was never reached has cost it nothing, and a connection that was cut says nothing of the destination. */
const counted: ReadonlySet<DialFailure> = new Set(["refused", "deadline", "no-welcome"]);

/** The breaker after a failed attempt; `chance` in 0…1 draws up to a quarter more onto the cooldown. */
export function failed(
  breaker: Breaker,
  reason: DialFailure,
  at: { readonly now: Millis; readonly chance: number },
  config: BreakerConfig,
): Breaker {
  const { now, chance } = at;
  const nextAt = millis(now + config.cooldown * (1 + chance / 4));
  if (breaker.kind === "open") return { ...breaker, nextAt };
  if (!counted.has(reason)) return breaker;
  const failedAt = [...breaker.failedAt.filter((time) => now - time < config.window), now];
  return failedAt.length < config.failures ? { kind: "closed", failedAt } : { kind: "open", since: now, nextAt };
}

/** An attempt goes through: while the breaker is open, the next may only after another cooldown. */
export function passed(breaker: Breaker, now: Millis, config: BreakerConfig): Breaker {
  return breaker.kind === "open" ? { ...breaker, nextAt: millis(now + config.cooldown) } : breaker;
}

/** Something has changed (a path, the configuration): one attempt may go at once. */
export function excused(breaker: Breaker, now: Millis): Breaker {
  return breaker.kind === "open" && breaker.nextAt > now ? { ...breaker, nextAt: now } : breaker;
}

/** When the next attempt may go; undefined: at any time. */
export function heldUntil(breaker: Breaker): Millis | undefined {
  return breaker.kind === "open" ? breaker.nextAt : undefined;
}
