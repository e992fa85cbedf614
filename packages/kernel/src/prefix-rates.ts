/** A token bucket for each network prefix, of which no more are kept than a bound: those that are full again need not be. */

import type { NetworkPrefix } from "./network-prefix.ts";
import type { Millis } from "./units.ts";

export interface RateConfig {
  /** Tokens that a prefix gets each second. */
  readonly perSecond: number;
  /** The most that it can save up. */
  readonly burst: number;
  /** The most prefixes that are remembered. */
  readonly prefixes: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: Millis;
}

export class PrefixRates {
  readonly #config: RateConfig;
  /** The one that was asked about the longest ago comes first. */
  readonly #buckets = new Map<NetworkPrefix, Bucket>();

  constructor(config: RateConfig) {
    this.#config = config;
  }

  /** Prefixes that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Whether one more may come from there now. */
  take(now: Millis, prefix: NetworkPrefix): boolean {
    const { perSecond, burst } = this.#config;
    const { tokens: before, at } = this.#buckets.get(prefix) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before + ((now - at) / 1000) * perSecond);
    const isAllowed = tokens >= 1;
    this.#buckets.delete(prefix);
    this.#buckets.set(prefix, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    this.#prune(now);
    return isAllowed;
  }

  /** An empty bucket is full after `burst / perSecond`, and then says no more than none. */
  #prune(now: Millis): void {
    const { perSecond, burst, prefixes } = this.#config;
    const forgotten = now - (burst / perSecond) * 1000;
    for (const [prefix, { at }] of this.#buckets) {
      if (at > forgotten && this.#buckets.size <= prefixes) return;
      this.#buckets.delete(prefix);
    }
  }
}
