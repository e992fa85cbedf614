/** What became of a page that is asked for again and again: by which address, and when it did not come. */

export interface PageWord {
  /** Milliseconds since 1970, both. */
  readonly askedAt: number;
  readonly at: number;
  /** The address under which it was asked for, as the page's own host saw it. */
  readonly by?: string;
  /** Why it did not come. */
  readonly failed?: string;
}

export class PageStory {
  readonly #words: PageWord[] = [];

  hear(line: string): void {
    this.#words.push(JSON.parse(line) as PageWord);
  }

  /** Of the page that came last. */
  get by(): string | undefined {
    return this.#words.findLast(({ by }) => by !== undefined)?.by;
  }

  /** How many of those that were asked for within the time came, and how many did not. */
  between(from: number, to: number): { readonly came: number; readonly failed: number } {
    const words = this.#words.filter(({ askedAt }) => askedAt >= from && askedAt < to);
    const came = words.filter(({ by }) => by !== undefined).length;
    return { came, failed: words.length - came };
  }

  /** When the last page came that was asked for behind the moment; undefined when none did. */
  lastSince(moment: number): number | undefined {
    return this.#words.findLast(({ askedAt, by }) => askedAt >= moment && by !== undefined)?.at;
  }

  /** The first page that was asked for behind the moment and by that address. */
  firstSince(moment: number, address: string): PageWord | undefined {
    return this.#words.find(({ askedAt, by }) => askedAt >= moment && by === address);
  }
}
