/**
 * What one link may bring, by kind: a token bucket each, asked before anything is verified. The link is the one identity that
 * an attacker cannot make more of; a flood costs its own link's budget and nobody else's.
 */
import { TokenBucket, type TokenRate } from "@ropewalk/kernel/token-bucket";
import type { Millis } from "@ropewalk/kernel/units";
import type { DropCounts } from "./drop-counts.ts";

/**
 * `new-announce`: of an address that is not in the table. `question`: what is to be opened here. `opening`: an envelope for this node of
 * which only keys can tell who sent it. `deposit`: an envelope that is to be stored. `channel-broadcast`: a broadcast
 * of which nobody on the way can tell whether it was ever sealed.
 */
export type BudgetKind =
  | "known-announce"
  | "new-announce"
  | "request"
  | "packet"
  | "trace"
  | "question"
  | "message"
  | "proof"
  | "deposit"
  | "opening"
  | "broadcast"
  | "channel-broadcast"
  | "other";

export type LinkBudgetConfig = Readonly<Record<BudgetKind, TokenRate>>;

/**
 * A thousand nodes that nobody knew yet join through one link at once, and their announces come again by nearer ways and are
 * withdrawn at once. A flood costs one link at most 600 verifications a second (7 % of a core at 8,600 each second) once the
 * bursts are used up, and brings at most 100 strangers a second.
 */
export const defaultLinkBudget: LinkBudgetConfig = {
  "new-announce": { perSecond: 100, burst: 2_048 },
  "known-announce": { perSecond: 500, burst: 4_096 },
  request: { perSecond: 100, burst: 1_024 },
  packet: { perSecond: 20_000, burst: 20_000 },
  trace: { perSecond: 200, burst: 1_024 },
  question: { perSecond: 200, burst: 1_024 },
  message: { perSecond: 30_000, burst: 30_000 },
  // A hash each, of which there are some 700,000 a second on one core.
  proof: { perSecond: 30_000, burst: 65_536 },
  // Twice what an honest neighbour gives: what is dropped here is lost to who gave it away.
  deposit: { perSecond: 500, burst: 2_048 },
  opening: { perSecond: 200, burst: 1_024 },
  broadcast: { perSecond: 20, burst: 256 },
  "channel-broadcast": { perSecond: 5, burst: 64 },
  other: { perSecond: 200, burst: 1_024 },
};

/** With these rates instead; at once a link may bring as many seconds' worth of a kind as by default. */
export function linkBudgetAt(perSecond: Partial<Readonly<Record<BudgetKind, number>>>): LinkBudgetConfig {
  const scaled = Object.entries(perSecond).map(([kind, rate]) => {
    const usual = defaultLinkBudget[kind as BudgetKind];
    return [kind, { perSecond: rate, burst: Math.ceil((usual.burst * rate) / usual.perSecond) }];
  });
  return { ...defaultLinkBudget, ...Object.fromEntries(scaled) };
}

export class LinkBudget {
  #config: LinkBudgetConfig;
  readonly #drops: DropCounts<BudgetKind, "rate">;
  #buckets: Partial<Record<BudgetKind, TokenBucket>> = {};
  readonly #refused = new Map<BudgetKind, number>();

  /** Every bucket is full: a link that comes up has much to tell. */
  constructor(drops: DropCounts<BudgetKind, "rate">, config: LinkBudgetConfig = defaultLinkBudget) {
    this.#drops = drops;
    this.#config = config;
  }

  /** What it could not take, by kind. */
  get refused(): ReadonlyMap<BudgetKind, number> {
    return this.#refused;
  }

  /** Another one from now on, of which nothing is used up. */
  reconfigure(config: LinkBudgetConfig): void {
    this.#config = config;
    this.#buckets = {};
  }

  /** Whether one more may come, or all of `count`; counted as dropped where they may not. */
  take(now: Millis, kind: BudgetKind, count = 1): boolean {
    const bucket = this.#buckets[kind] ?? new TokenBucket(this.#config[kind], now);
    this.#buckets[kind] = bucket;
    const isAllowed = bucket.take(now, count);
    if (!isAllowed) {
      this.#drops.count(kind, "rate", count);
      this.#refused.set(kind, (this.#refused.get(kind) ?? 0) + count);
    }
    return isAllowed;
  }
}
