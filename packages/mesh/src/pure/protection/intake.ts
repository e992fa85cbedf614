/**
 * What waits to be verified: one bounded queue a link, served by deficit round robin (Shreedhar and Varghese, 1995), so that a
 * flood on one link costs the others no more than its one turn. In a link's queue neither the announces of known
 * destinations nor those of strangers can crowd the others out: each has a reserve, and they are served in turn.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { LinkId } from "../link.ts";

export type IntakeStanding = "known" | "new";

export interface IntakeEntry<Key, Item> {
  /** What it is about. A neighbour's later word about the same takes the place of an earlier one that still waits. */
  readonly key: Key;
  readonly standing: IntakeStanding;
  /** What it costs to serve: a signature is 1. Taken as 1/16 where it is less, and as 64 where it is more. */
  readonly cost: number;
  readonly item: Item;
}

export interface IntakeConfig {
  /** The most that wait of one link. */
  readonly perLink: number;
  /** Of these, kept free for each of the two standings. */
  readonly reserved: number;
  /** What a link may cost in its turn; what it has left of it is its own next time. */
  readonly quantum: number;
}

export const defaultIntake: IntakeConfig = { perLink: 256, reserved: 64, quantum: 4 };

/** So much is served before the event loop has its turn: 32 signatures are some 4 ms, 6 with their hop chains. */
export const turnBudget = 32;

/** Bounds of what one costs. */
const least = 1 / 16;
const most = 64;

export interface Served<Item> {
  readonly link: LinkId;
  readonly item: Item;
}

export class Intake<Key, Item> {
  readonly #config: IntakeConfig;
  /** Those that have something. Whose turn it is comes first. */
  readonly #queues = new Map<LinkId, LinkQueue<Key, Item>>();

  constructor(config: IntakeConfig = defaultIntake) {
    this.#config = config;
  }

  /** `full`: it is not taken, and the caller counts it as dropped. */
  offer(link: LinkId, entry: IntakeEntry<Key, Item>): "queued" | "replaced" | "full" {
    const queue = this.#queues.get(link) ?? new LinkQueue<Key, Item>(this.#config);
    const outcome = queue.offer(entry);
    if (queue.size > 0) this.#queues.set(link, queue);
    return outcome;
  }

  /**
   * The next, that cost no more than `budget` in all, or the one next that alone costs more. To be called again, after others
   * had their turn, as long as `size` is above 0.
   */
  take(budget: number = turnBudget): readonly Served<Item>[] {
    const served: Served<Item>[] = [];
    let left = budget;
    for (let head = this.#head(); head !== undefined; head = this.#head()) {
      const [link, queue] = head;
      const cost = queue.nextCost;
      if (cost > queue.deficit) {
        queue.deficit += this.#config.quantum;
        this.#queues.delete(link);
        this.#queues.set(link, queue);
        continue;
      }
      if (cost > left && served.length > 0) break;
      served.push({ link, item: queue.shift() });
      left -= cost;
      if (queue.size === 0) this.#queues.delete(link);
    }
    return served;
  }

  /** Takes out what waits of a link and matches; how many these were. For what the neighbour has taken back. */
  remove(link: LinkId, isMatch: (item: Item) => boolean): number {
    const queue = this.#queues.get(link);
    const removed = queue?.remove(isMatch) ?? 0;
    if (queue?.size === 0) this.#queues.delete(link);
    return removed;
  }

  /** The link is gone, and what waits of it; how many these were. */
  dropLink(link: LinkId): number {
    const size = this.sizeOf(link);
    this.#queues.delete(link);
    return size;
  }

  sizeOf(link: LinkId): number {
    return this.#queues.get(link)?.size ?? 0;
  }

  /** Of all links. */
  get size(): number {
    return this.#queues.values().reduce((sum, queue) => sum + queue.size, 0);
  }

  #head(): readonly [LinkId, LinkQueue<Key, Item>] | undefined {
    return this.#queues.entries().next().value;
  }
}

class LinkQueue<Key, Item> {
  readonly #config: IntakeConfig;
  readonly #waiting: Readonly<Record<IntakeStanding, Map<Key, IntakeEntry<Key, Item>>>> = {
    known: new Map(),
    new: new Map(),
  };
  #lastServed: IntakeStanding = "new";
  deficit: number;

  constructor(config: IntakeConfig) {
    this.#config = config;
    this.deficit = config.quantum;
  }

  get size(): number {
    return this.#waiting.known.size + this.#waiting.new.size;
  }

  offer(entry: IntakeEntry<Key, Item>): "queued" | "replaced" | "full" {
    for (const waiting of [this.#waiting.known, this.#waiting.new]) {
      if (!waiting.has(entry.key)) continue;
      waiting.set(entry.key, entry);
      return "replaced";
    }
    const { perLink, reserved } = this.#config;
    const waiting = this.#waiting[entry.standing];
    if (this.size >= perLink || waiting.size >= perLink - reserved) return "full";
    waiting.set(entry.key, entry);
    return "queued";
  }

  /** Of the one that is next; 0 where nothing waits. */
  get nextCost(): number {
    const next = this.#head(this.#next);
    return next === undefined ? 0 : Math.min(most, Math.max(least, next.cost));
  }

  /** Something must wait. */
  shift(): Item {
    const standing = this.#next;
    const next = this.#head(standing);
    if (next === undefined) throw new InternalError("nothing waits of a link that has its turn");
    this.deficit -= this.nextCost;
    this.#waiting[standing].delete(next.key);
    this.#lastServed = standing;
    return next.item;
  }

  remove(isMatch: (item: Item) => boolean): number {
    const before = this.size;
    for (const waiting of [this.#waiting.known, this.#waiting.new]) {
      for (const [key, { item }] of waiting) if (isMatch(item)) waiting.delete(key);
    }
    return before - this.size;
  }

  /** The other standing than was served last, where it has any. */
  get #next(): IntakeStanding {
    const other = this.#lastServed === "known" ? "new" : "known";
    return this.#waiting[other].size > 0 ? other : this.#lastServed;
  }

  #head(standing: IntakeStanding): IntakeEntry<Key, Item> | undefined {
    return this.#waiting[standing].values().next().value;
  }
}
