/** How long to wait before the next attempt: exponential growth with full jitter, bounded on both sides. */
import { type Millis, millis } from "./units.ts";

export interface BackoffConfig {
  readonly first: Millis;
  readonly longest: Millis;
}

/**
 * The wait before attempt `attempt` (0 is the first retry). `chance` is in 0…1: half of the wait is fixed and half is
 * drawn, so that many clients neither retry in step nor retry at once.
 */
export function backoff(attempt: number, chance: number, config: BackoffConfig): Millis {
  const ceiling = Math.min(config.longest, config.first * 2 ** Math.min(attempt, 30));
  return millis(ceiling / 2 + (ceiling / 2) * chance);
}
