/** What is not known to be done. What is asked for anew while it is being done stays here until that is done too. */
export class Unsettled {
  readonly #asked = new Map<string, number>();
  #last = 0;

  get size(): number {
    return this.#asked.size;
  }

  has(one: string): boolean {
    return this.#asked.has(one);
  }

  ask(what: Iterable<string>): void {
    for (const one of what) {
      this.#last += 1;
      this.#asked.set(one, this.#last);
    }
  }

  /** All of it as it is asked for now, to be given to `settle` when it is done. */
  current(): ReadonlyMap<string, number> {
    return new Map(this.#asked);
  }

  settle(done: ReadonlyMap<string, number>): void {
    for (const [one, asked] of done) if (this.#asked.get(one) === asked) this.#asked.delete(one);
  }
}
