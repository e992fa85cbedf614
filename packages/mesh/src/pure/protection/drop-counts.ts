/** How many of each kind were dropped, and why: for the whole node, so that a metric of them has few labels and no address. */
export class DropCounts<Kind extends string, Reason extends string> {
  readonly #counts = new Map<Kind, Map<Reason, number>>();

  count(kind: Kind, reason: Reason, more = 1): void {
    const reasons = this.#counts.get(kind) ?? new Map<Reason, number>();
    reasons.set(reason, (reasons.get(reason) ?? 0) + more);
    this.#counts.set(kind, reasons);
  }

  of(kind: Kind, reason: Reason): number {
    return this.#counts.get(kind)?.get(reason) ?? 0;
  }

  /** Those that were counted at all. */
  *entries(): IterableIterator<{ readonly kind: Kind; readonly reason: Reason; readonly count: number }> {
    for (const [kind, reasons] of this.#counts) {
      for (const [reason, count] of reasons) yield { kind, reason, count };
    }
  }
}
