/** Copies that went and came by the express lane: those of one session, of which its end's sum hears as well. */

/** `first`: it brought something new. `late`: the other lane had brought it. `early`: what it follows on was not there yet. */
export type CopyFate = "first" | "late" | "early";

/** Frames, each copy one. */
export type CopyStatus = Readonly<Record<"sent" | CopyFate, number>>;

export class CopyCounts {
  readonly #sum: CopyCounts | undefined;
  readonly #counts = { sent: 0, first: 0, late: 0, early: 0 };

  constructor(sum?: CopyCounts) {
    this.#sum = sum;
  }

  get status(): CopyStatus {
    return { ...this.#counts };
  }

  sent(copies: number): void {
    this.#counts.sent += copies;
    this.#sum?.sent(copies);
  }

  received(fate: CopyFate): void {
    this.#counts[fate] += 1;
    this.#sum?.received(fate);
  }
}
