/**
 * What a fault does to the octets of one direction: it splits what comes at the offsets of rules, and leaves out, repeats,
 * exchanges and flips. It knows no sockets, and forwards every octet that no rule names unchanged and in its place.
 */
import type { Act } from "./fault.ts";

/** More than any `repeat` asks for. */
const remembered = 1 << 16;

export interface Mark {
  readonly rule: number;
  readonly at: number;
  readonly act: Act;
}

export type Passed =
  | { readonly kind: "octets"; readonly octets: Uint8Array }
  /** The offset of a rule is reached: what stands before it is to be sent first. */
  | { readonly kind: "reached"; readonly mark: Mark };

export class OctetChanges {
  #marks: readonly Mark[] = [];
  #offset = 0;
  #toDrop = 0;
  #toFlip: number | undefined;
  #swapped: { readonly count: number; readonly held: Uint8Array } | undefined;
  #tail: Uint8Array = new Uint8Array(0);

  /** How many octets have come. */
  get offset(): number {
    return this.#offset;
  }

  add(mark: Mark): void {
    this.#marks = [...this.#marks, mark].toSorted((one, other) => one.at - other.at);
  }

  remove(rule: number): void {
    this.#marks = this.#marks.filter((mark) => mark.rule !== rule);
  }

  /** What becomes of these octets, in order. */
  pass(octets: Uint8Array): readonly Passed[] {
    const result: Passed[] = [];
    let rest = octets;
    for (;;) {
      const mark = this.#marks[0];
      if (mark === undefined || mark.at > this.#offset + rest.length) break;
      const before = rest.subarray(0, Math.max(0, mark.at - this.#offset));
      rest = rest.subarray(before.length);
      this.#offset += before.length;
      this.#change(before, result);
      this.#marks = this.#marks.slice(1);
      this.#begin(mark.act, result);
      result.push({ kind: "reached", mark });
    }
    this.#offset += rest.length;
    this.#change(rest, result);
    return result;
  }

  /** What is held back when no more will come. */
  end(): readonly Uint8Array[] {
    const held = this.#swapped?.held ?? new Uint8Array(0);
    this.#swapped = undefined;
    return held.length === 0 ? [] : [held];
  }

  #begin(act: Act, result: Passed[]): void {
    if (act.kind === "drop") this.#toDrop += act.count;
    else if (act.kind === "flip") this.#toFlip = act.bit;
    else if (act.kind === "swap") this.#swapped = { count: act.count, held: new Uint8Array(0) };
    else if (act.kind === "insert") result.push({ kind: "octets", octets: Uint8Array.from(act.octets) });
    else if (act.kind === "repeat")
      result.push({ kind: "octets", octets: this.#tail.slice(Math.max(0, this.#tail.length - act.count)) });
  }

  #change(octets: Uint8Array, result: Passed[]): void {
    const dropped = Math.min(this.#toDrop, octets.length);
    this.#toDrop -= dropped;
    let rest = octets.subarray(dropped);
    if (rest.length === 0) return;
    if (this.#toFlip !== undefined) {
      rest = rest.slice();
      rest[0] = (rest[0] ?? 0) ^ (1 << this.#toFlip);
      this.#toFlip = undefined;
    }
    if (this.#swapped !== undefined) rest = this.#exchange(this.#swapped.count, this.#swapped.held, rest);
    if (rest.length === 0) return;
    this.#tail = Buffer.concat([this.#tail, rest]).subarray(-remembered);
    result.push({ kind: "octets", octets: rest });
  }

  #exchange(count: number, held: Uint8Array, octets: Uint8Array): Uint8Array {
    const all = Buffer.concat([held, octets]);
    if (all.length < 2 * count) {
      this.#swapped = { count, held: all };
      return new Uint8Array(0);
    }
    this.#swapped = undefined;
    return Buffer.concat([all.subarray(count, 2 * count), all.subarray(0, count), all.subarray(2 * count)]);
  }
}
