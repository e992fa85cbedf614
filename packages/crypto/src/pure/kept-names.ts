/** Which names somebody else keeps for us: the ones used last, up to a limit. */

export class KeptNames {
  readonly #limit: number;
  /** In the order of their last use. */
  readonly #names = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Counts as used now. Gives the names that are kept no longer, so that there is room for this one. */
  use(name: string): readonly string[] {
    this.#names.delete(name);
    const dropped = [...this.#names].slice(0, Math.max(0, this.#names.size + 1 - this.#limit));
    for (const old of dropped) this.#names.delete(old);
    this.#names.add(name);
    return dropped;
  }

  /** Whether it was kept until now. */
  drop(name: string): boolean {
    return this.#names.delete(name);
  }

  clear(): void {
    this.#names.clear();
  }
}
