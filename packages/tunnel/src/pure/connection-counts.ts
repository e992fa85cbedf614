/** How many connections each of several has, of as many as it may. What is given back is forgotten: a count of nothing takes no memory. */
export class ConnectionCounts<Key> {
  readonly #counts = new Map<Key, number>();

  /** Counts one more; undefined where `key` has `most` already. Disposing of the place, once or more often, gives it back. */
  take(key: Key, most: number): Disposable | undefined {
    const count = this.of(key);
    if (count >= most) return undefined;
    this.#counts.set(key, count + 1);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#giveBack(key);
        isHeld = false;
      },
    };
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Of all together. */
  get total(): number {
    return this.#counts.values().reduce((sum, count) => sum + count, 0);
  }

  /** How many have any. */
  get size(): number {
    return this.#counts.size;
  }

  #giveBack(key: Key): void {
    const left = this.of(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
