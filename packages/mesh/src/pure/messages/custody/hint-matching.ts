/**
 * Whom hints mean. A hint can only be compared, at a hash each time, with every address that is known; so that is done a few at a time, and
 * in turns by who brought them: a flood of hints that mean nobody costs the others some of the time, and never their turn.
 */
import { addressOctets, type MeshAddress } from "../../mesh-address.ts";
import { envelopeLengths } from "../wire/envelope.ts";
import type { Held, HeldFrom } from "./held.ts";

/** Comparisons before it is another neighbour's turn. */
const inTurn = 64;
/** Places of addresses that are known no more are taken out when there are more of them than of others, and more than this. */
const mostGaps = 1024;

/** Compares hints; `HintHasher` does. */
export interface HintComparer {
  /** Of the envelope whose hint is compared next: 8 octets. */
  set tag(tag: Uint8Array);
  /** Whether `hint`, 8 octets, means who has this address, 16 octets. */
  fits(address: Uint8Array, hint: Uint8Array): boolean;
}

export interface MatchedHint {
  readonly held: Held;
  readonly destination: MeshAddress;
}

interface Known {
  readonly address: MeshAddress;
  readonly octets: Uint8Array;
}

/** What one neighbour brought and fits nobody so far. */
interface Line {
  /** Not compared with all. */
  behind: Set<Held>;
  /** Compared with all that were known at the time: the first with the fewest. */
  done: Set<Held>;
}

export class HintMatching {
  readonly #comparer: HintComparer;
  /** Of what is compared. */
  readonly #tag = new Uint8Array(envelopeLengths.tag);
  readonly #hint = new Uint8Array(envelopeLengths.hint);
  /** In the order in which they became known. */
  #known: (Known | undefined)[] = [];
  readonly #places = new Map<MeshAddress, number>();
  /** By who brought them, none empty: whose turn it is comes first. */
  readonly #lines = new Map<HeldFrom, Line>();
  /** False: there is nothing to compare. It is asked for after each frame, and seldom true. */
  #mayBeBehind = false;

  constructor(comparer: HintComparer) {
    this.#comparer = comparer;
  }

  /** Those that fit nobody so far. */
  get size(): number {
    return this.#lines.values().reduce((sum, { behind, done }) => sum + behind.size + done.size, 0);
  }

  /** Whether there is something to compare. */
  get isBehind(): boolean {
    this.#mayBeBehind &&= this.#lines.values().some((line) => this.#next(line) !== undefined);
    return this.#mayBeBehind;
  }

  /** One that has a hint. */
  add(held: Held): void {
    const line = this.#lines.get(held.from) ?? { behind: new Set(), done: new Set() };
    this.#lines.set(held.from, line);
    line.behind.add(held);
    this.#mayBeBehind = true;
  }

  remove(held: Held): void {
    const line = this.#lines.get(held.from);
    line?.behind.delete(held);
    line?.done.delete(held);
    if (line?.behind.size === 0 && line.done.size === 0) this.#lines.delete(held.from);
  }

  /** There is somebody with this address. */
  knows(address: MeshAddress): void {
    if (this.#places.has(address)) return;
    this.#places.set(address, this.#known.push({ address, octets: addressOctets(address) }) - 1);
    this.#mayBeBehind = true;
  }

  forgets(address: MeshAddress): void {
    const place = this.#places.get(address);
    if (place === undefined) return;
    this.#places.delete(address);
    this.#known[place] = undefined;
    if (this.#known.length > 2 * this.#places.size + mostGaps) this.#closeGaps();
  }

  /** Compares some `most` times; those that fit somebody are out of it, with whom. */
  work(most: number): readonly MatchedHint[] {
    const matched: MatchedHint[] = [];
    let [left, idle] = [most, 0];
    while (left > 0 && idle < this.#lines.size) {
      for (const [from, line] of this.#lines) {
        this.#lines.delete(from);
        this.#lines.set(from, line);
        const used = this.#turn(line, Math.min(left, inTurn), matched);
        idle = used === 0 ? idle + 1 : 0;
        left -= used;
        break;
      }
    }
    return matched;
  }

  /** How many comparisons it took. */
  #turn(line: Line, most: number, matched: MatchedHint[]): number {
    let left = most;
    for (let held = this.#next(line); held !== undefined && left > 0; held = this.#next(line)) {
      const before = held.compared;
      const destination = this.#compare(held, left);
      left -= Math.max(1, held.compared - before);
      if (destination !== undefined) {
        this.remove(held);
        matched.push({ held, destination });
      } else if (held.compared >= this.#known.length) {
        line.behind.delete(held);
        line.done.add(held);
      }
    }
    return most - left;
  }

  #next(line: Line): Held | undefined {
    for (const held of line.behind) return held;
    for (const held of line.done) {
      if (held.compared >= this.#known.length) return undefined;
      line.behind = line.done;
      line.done = new Set();
      return held;
    }
    return undefined;
  }

  #compare(held: Held, most: number): MeshAddress | undefined {
    if (held.to.kind !== "hint") return undefined;
    const [tag, hint] = [this.#tag, this.#hint];
    tag.setFromHex(held.tag);
    hint.setFromHex(held.to.hint);
    this.#comparer.tag = tag;
    const until = Math.min(this.#known.length, held.compared + most);
    while (held.compared < until) {
      const known = this.#known[held.compared];
      held.compared += 1;
      if (known !== undefined && this.#comparer.fits(known.octets, hint)) return known.address;
    }
    return undefined;
  }

  #closeGaps(): void {
    // How many of those before each place stay.
    const places = new Int32Array(this.#known.length + 1);
    for (const [place, known] of this.#known.entries())
      places[place + 1] = (places[place] ?? 0) + (known === undefined ? 0 : 1);
    for (const { behind, done } of this.#lines.values())
      for (const held of [...behind, ...done]) held.compared = places[held.compared] ?? 0;
    this.#known = this.#known.filter((known) => known !== undefined);
    for (const [place, known] of this.#known.entries()) if (known !== undefined) this.#places.set(known.address, place);
  }
}
