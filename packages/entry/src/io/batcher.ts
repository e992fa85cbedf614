/**
 * Does what many ask for in few steps: what comes while a step is under way waits, and goes with the next one. A database that flushes its disk
 * once for fifty changes does fifty times as many.
 */
import { EntryError } from "../errors.ts";

export interface BatchOptions<Item, Result> {
  /** What an item is told apart by: of two with the same, the second waits for the next step. */
  readonly identity: (item: Item) => string;
  /** One result for each item, in their order; when it throws, all of them fail so. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly mostInOne: number;
  /** Steps at once. */
  readonly lanes: number;
  /** Further ones are refused with ENTRY_DATABASE_BUSY. */
  readonly mostWaiting: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export class Batcher<Item, Result> {
  readonly #options: BatchOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running = 0;

  constructor(options: BatchOptions<Item, Result>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  add(item: Item): Promise<Result> {
    if (this.#waiting.length >= this.#options.mostWaiting)
      return Promise.reject(new EntryError("ENTRY_DATABASE_BUSY", "too many changes wait for the database; ask later"));
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ item, resolve, reject });
    // What comes in the same turn goes along.
    queueMicrotask(() => this.#go());
    return promise;
  }

  #go(): void {
    while (this.#running < this.#options.lanes && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#run(this.#take()).finally(() => {
        this.#running -= 1;
        this.#go();
      });
    }
  }

  #take(): readonly Waiting<Item, Result>[] {
    const taken = new Map<string, Waiting<Item, Result>>();
    const left: Waiting<Item, Result>[] = [];
    for (const each of this.#waiting) {
      const identity = this.#options.identity(each.item);
      if (taken.size < this.#options.mostInOne && !taken.has(identity)) taken.set(identity, each);
      else left.push(each);
    }
    this.#waiting = left;
    // All take their locks in one order, so that none waits for another in a ring.
    return [...taken].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
  }

  async #run(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
