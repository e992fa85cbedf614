/**
 * A bounded queue with one consumer: how a service takes in everything that happens, one thing at a time.
 * Full means full: `offer` says so, and the sender decides what that means.
 */
import { InternalError } from "./errors.ts";

export class Mailbox<T> {
  readonly #capacity: number;
  #items: T[] = [];
  #wake: (() => void) | undefined;
  #closed = false;
  #refused = 0;

  constructor(capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new InternalError(`a mailbox cannot hold ${capacity} items`);
    this.#capacity = capacity;
  }

  /** False when the mailbox is full or closed; the item is then dropped and counted in `refused`. */
  offer(item: T): boolean {
    if (this.#closed || this.#items.length >= this.#capacity) {
      this.#refused += 1;
      return false;
    }
    this.#items.push(item);
    this.#wake?.();
    return true;
  }

  get refused(): number {
    return this.#refused;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Ends the iteration once what is queued has been read. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Everything queued since the last turn, oldest first; ends after `close`. One consumer only. */
  async *batches(): AsyncGenerator<readonly T[], void, undefined> {
    for (;;) {
      if (this.#items.length === 0) {
        if (this.#closed) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
        continue;
      }
      const batch = this.#items;
      this.#items = [];
      yield batch;
    }
  }
}
