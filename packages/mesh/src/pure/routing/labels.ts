/**
 * The labels that a node gives out: a neighbour that sends under one reaches the destination that it stands for, and names it to
 * nobody. A label that was taken back means nothing, until its slot has had 255 others.
 */

/** 24 bits of slot and 8 of generation; 0 is none. */
const generations = 256;
const mostSlots = 0xff_ffff;

export class Labels<Of> {
  readonly #of: (Of | undefined)[] = [undefined];
  readonly #generation: number[] = [0];
  readonly #free: number[] = [];

  /** Undefined when there is none left. */
  give(of: Of): number | undefined {
    const slot = this.#free.pop() ?? this.#grow();
    if (slot === undefined) return undefined;
    this.#of[slot] = of;
    return slot * generations + (this.#generation[slot] ?? 0);
  }

  take(label: number): void {
    const slot = this.#slot(label);
    if (slot === undefined) return;
    this.#of[slot] = undefined;
    this.#generation[slot] = ((this.#generation[slot] ?? 0) + 1) % generations;
    this.#free.push(slot);
  }

  find(label: number): Of | undefined {
    const slot = this.#slot(label);
    return slot === undefined ? undefined : this.#of[slot];
  }

  #slot(label: number): number | undefined {
    const slot = Math.floor(label / generations);
    return this.#of[slot] !== undefined && this.#generation[slot] === label % generations ? slot : undefined;
  }

  #grow(): number | undefined {
    const slot = this.#of.length;
    if (slot > mostSlots) return undefined;
    this.#of.push(undefined);
    this.#generation.push(0);
    return slot;
  }
}
