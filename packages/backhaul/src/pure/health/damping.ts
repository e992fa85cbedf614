/**
 * Route flap damping of one path: each time it goes down it is penalised, the penalty decays by half in every half-life, and
 * a path above the upper threshold does not return until it is below the lower one. A path that was never penalised, or long
 * ago, has no state. Source: RFC 2439 §4.2, §4.4, §4.8.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { DampingConfig } from "./health-config.ts";

/** Plain JSON. */
export interface Damping {
  /** RFC 2439's figure of merit, as it was at `at`. */
  readonly penalty: number;
  /** The last flap. */
  readonly at: Millis;
  /** Whether that flap left it suppressed; whether it still is, `isSuppressed` says. */
  readonly isSuppressed: boolean;
}

/** After a flap at `now`. */
export function penalised(state: Damping | undefined, now: Millis, config: DampingConfig): Damping | undefined {
  if (!config.enabled) return undefined;
  const before = decayed(state, now, config);
  const penalty = penaltyAt(before, now, config) + config.penalty;
  return {
    penalty: Math.min(penalty, ceiling(config)),
    at: now,
    isSuppressed: isSuppressed(before, now, config) || penalty > config.suppressAbove,
  };
}

/** What must still be remembered at `now`: undefined once the penalty is less than half of what is reused at. RFC 2439 §4.8.6. */
export function decayed(state: Damping | undefined, now: Millis, config: DampingConfig): Damping | undefined {
  if (state === undefined || !config.enabled) return undefined;
  if (isSuppressed(state, now, config)) return state;
  if (penaltyAt(state, now, config) < config.reuseBelow / 2) return undefined;
  return state.isSuppressed ? { ...state, isSuppressed: false } : state;
}

/** The penalty that is left at `now`. */
export function penaltyAt(state: Damping | undefined, now: Millis, { halfLife }: DampingConfig): number {
  if (state === undefined) return 0;
  const halves = halfLife > 0 ? (now - state.at) / halfLife : Number.POSITIVE_INFINITY;
  return now <= state.at ? state.penalty : state.penalty * 2 ** -halves;
}

export function isSuppressed(state: Damping | undefined, now: Millis, config: DampingConfig): boolean {
  const end = reusableAt(state, config);
  return end !== undefined && now < end;
}

/** When the suppression ends, should it not flap again; undefined when it is not suppressed. */
export function reusableAt(state: Damping | undefined, config: DampingConfig): Millis | undefined {
  if (state === undefined || !state.isSuppressed || !config.enabled) return undefined;
  const { reuseBelow, halfLife, maxSuppress } = config;
  const isHigh = state.penalty > reuseBelow && halfLife > 0;
  const decay = isHigh ? halfLife * Math.log2(state.penalty / reuseBelow) : 0;
  return millis(state.at + Math.min(decay, maxSuppress));
}

/** A higher penalty would take longer than `maxSuppress` to decay. RFC 2439 §4.2. */
function ceiling({ reuseBelow, maxSuppress, halfLife }: DampingConfig): number {
  // Finite even where a configuration is not to be taken seriously: 0 × ∞ is no number.
  return halfLife > 0 ? reuseBelow * 2 ** Math.min(maxSuppress / halfLife, 512) : Number.MAX_VALUE;
}
