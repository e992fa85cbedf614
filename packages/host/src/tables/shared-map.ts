/**
 * A map that hands out immutable snapshots: it copies itself only when it is changed after a snapshot was taken,
 * so a burst of changes between two snapshots costs one copy.
 */

export class SharedMap<Key, Value> {
  #map = new Map<Key, Value>();
  #isShared = false;

  get(key: Key): Value | undefined {
    return this.#map.get(key);
  }

  set(key: Key, value: Value): void {
    this.#own().set(key, value);
  }

  delete(key: Key): boolean {
    return this.#map.has(key) && this.#own().delete(key);
  }

  /** The content now. It never changes; the same object is given until the next change. */
  snapshot(): ReadonlyMap<Key, Value> {
    this.#isShared = true;
    return this.#map;
  }

  #own(): Map<Key, Value> {
    if (this.#isShared) {
      this.#map = new Map(this.#map);
      this.#isShared = false;
    }
    return this.#map;
  }
}
