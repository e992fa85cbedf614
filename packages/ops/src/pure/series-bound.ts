/** Which series a metric has; one more than it may have is refused. */

export class SeriesBound<Label extends string> {
  readonly #labels: readonly Label[];
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(labels: readonly Label[], most: number) {
    this.#labels = labels;
    this.#most = most;
  }

  /** The declared labels of the series, when it is known or there is room for it. */
  admit(labels: Readonly<Record<Label, string>>): Record<string, string> | undefined {
    const key = this.#key(labels);
    if (!this.#known.has(key)) {
      if (this.#known.size >= this.#most) return undefined;
      this.#known.add(key);
    }
    return this.#own(labels);
  }

  release(labels: Readonly<Record<Label, string>>): Record<string, string> {
    this.#known.delete(this.#key(labels));
    return this.#own(labels);
  }

  clear(): void {
    this.#known.clear();
  }

  #own(labels: Readonly<Record<Label, string>>): Record<string, string> {
    return Object.fromEntries(this.#labels.map((label) => [label, labels[label]]));
  }

  #key(labels: Readonly<Record<Label, string>>): string {
    return JSON.stringify(this.#labels.map((label) => labels[label]));
  }
}
