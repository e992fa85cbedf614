/**
 * What people tell a node for good, by name or address. A change counts from when it is asked for, and is taken back where the store
 * refuses it.
 */
import { type ChangeOutcome, changeOutcome, type StoreCall } from "./store-call.ts";
import type { StoreOperation } from "./store-operations.ts";

export interface KeptMapOperations<Key, Value> {
  readonly put: (key: Key, value: Value) => StoreOperation;
  readonly remove: (key: Key) => StoreOperation;
  /** It is there, is another, or is there no more. */
  readonly onChange?: (key: Key) => void;
}

export class KeptMap<Key, Value> {
  readonly #store: StoreCall;
  readonly #operations: KeptMapOperations<Key, Value>;
  readonly #wanted = new Map<Key, Value>();
  /** As the disk has them. */
  readonly #stored = new Map<Key, Value>();

  constructor(store: StoreCall, operations: KeptMapOperations<Key, Value>) {
    this.#store = store;
    this.#operations = operations;
  }

  get all(): ReadonlyMap<Key, Value> {
    return this.#wanted;
  }

  restore(entries: Iterable<readonly [Key, Value]>): void {
    for (const [key, value] of entries) for (const map of [this.#wanted, this.#stored]) map.set(key, value);
  }

  put(key: Key, value: Value, then?: (outcome: ChangeOutcome) => void): void {
    this.#wanted.set(key, value);
    this.#operations.onChange?.(key);
    this.#store(this.#operations.put(key, value), (_, end, result) => {
      if (end === "durable") this.#stored.set(key, value);
      else if (this.#wanted.get(key) === value) this.#takeBack(key);
      then?.(changeOutcome(end, result));
    });
  }

  remove(key: Key, then?: (outcome: ChangeOutcome) => void): void {
    if (!this.#wanted.delete(key)) {
      then?.({ kind: "absent" });
      return;
    }
    this.#operations.onChange?.(key);
    this.#store(this.#operations.remove(key), (_, end, result) => {
      if (end === "durable") this.#stored.delete(key);
      else if (!this.#wanted.has(key)) this.#takeBack(key);
      then?.(changeOutcome(end, result));
    });
  }

  #takeBack(key: Key): void {
    const stored = this.#stored.get(key);
    if (stored === undefined) this.#wanted.delete(key);
    else this.#wanted.set(key, stored);
    this.#operations.onChange?.(key);
  }
}
