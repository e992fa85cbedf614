/**
 * Connections of strangers that have not proved a key yet: how many are kept, and whose turn ends when there are too many. Each costs
 * a handshake, so networks have rates, and all of them together one.
 */
import type { NetworkPrefix } from "@ropewalk/kernel/network-prefix";
import { PrefixRates, type RateConfig } from "@ropewalk/kernel/prefix-rates";
import type { Millis } from "@ropewalk/kernel/units";

export interface HalfOpenConfig {
  /** Connections at once. */
  readonly most: number;
  /** New ones of one network. */
  readonly rate: RateConfig;
  /** New ones of all networks together. */
  readonly total: Omit<RateConfig, "prefixes">;
}

export type HalfOpenId = number;

export type Arrival =
  | { readonly kind: "refused" }
  /** `instead`: the one that gives way to it. */
  | { readonly kind: "taken"; readonly instead: HalfOpenId | undefined };

const everybody = "all" as NetworkPrefix;

export class HalfOpen {
  readonly #config: HalfOpenConfig;
  readonly #rates: PrefixRates;
  readonly #total: PrefixRates;
  /** In the order of their arrival. */
  readonly #waiting = new Map<HalfOpenId, NetworkPrefix>();

  constructor(config: HalfOpenConfig) {
    this.#config = config;
    this.#rates = new PrefixRates(config.rate);
    this.#total = new PrefixRates({ ...config.total, prefixes: 1 });
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** One more from there. A network beyond its rate uses up nothing of what all have together. */
  arrive(now: Millis, id: HalfOpenId, prefix: NetworkPrefix): Arrival {
    if (!this.#rates.take(now, prefix) || !this.#total.take(now, everybody)) return { kind: "refused" };
    this.#waiting.set(id, prefix);
    const instead = this.#waiting.size > this.#config.most ? this.#victim() : undefined;
    if (instead !== undefined) this.#waiting.delete(instead);
    return { kind: "taken", instead };
  }

  /** It has proved a key, or has ended. */
  leave(id: HalfOpenId): void {
    this.#waiting.delete(id);
  }

  /** Of the network that has most of them, the oldest. */
  #victim(): HalfOpenId | undefined {
    const counts = new Map<NetworkPrefix, number>();
    for (const prefix of this.#waiting.values()) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    const most = Math.max(...counts.values());
    return this.#waiting.entries().find(([, prefix]) => counts.get(prefix) === most)?.[0];
  }
}
