/** A binary heap of envelopes that know their places in it, so that each can be taken out, whichever it is, in logarithmic time. */
import type { Held, HeldPlace } from "./held.ts";

export class HeldHeap {
  readonly #place: HeldPlace;
  readonly #isBefore: (one: Held, other: Held) => boolean;
  readonly #members: Held[] = [];

  constructor(place: HeldPlace, isBefore: (one: Held, other: Held) => boolean) {
    this.#place = place;
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#members.length;
  }

  get first(): Held | undefined {
    return this.#members[0];
  }

  /** It must be in no heap of this kind of place. */
  add(held: Held): void {
    this.#members.push(held);
    this.#rise(this.#members.length - 1, held);
  }

  /** It must be in this heap. */
  delete(held: Held): void {
    const at = held[this.#place];
    const last = this.#members.pop();
    held[this.#place] = -1;
    if (last === undefined || last === held) return;
    this.#rise(at, last);
    if (last[this.#place] === at) this.#sink(at, last);
  }

  #rise(from: number, held: Held): void {
    let at = from;
    while (at > 0) {
      const parent = this.#members[(at - 1) >> 1];
      if (parent === undefined || !this.#isBefore(held, parent)) break;
      this.#put(at, parent);
      at = (at - 1) >> 1;
    }
    this.#put(at, held);
  }

  #sink(from: number, held: Held): void {
    let at = from;
    for (;;) {
      const [left, right] = [this.#members[2 * at + 1], this.#members[2 * at + 2]];
      const isRight = left !== undefined && right !== undefined && this.#isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || !this.#isBefore(child, held)) break;
      this.#put(at, child);
      at = 2 * at + (isRight ? 2 : 1);
    }
    this.#put(at, held);
  }

  #put(at: number, held: Held): void {
    this.#members[at] = held;
    held[this.#place] = at;
  }
}
