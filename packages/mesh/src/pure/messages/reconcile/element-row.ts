/**
 * The elements of a part of a store, kept as they come and go: a meeting copies them in a row, and looks at no name and nothing that has one. A
 * store of thousands meets many times in a minute.
 */
import type { StoreTime } from "../store-time.ts";

/** What has an element here knows its place, and is nowhere else. */
export interface RowMember {
  rowPlace: number;
}

const leastRoom = 16;

export class ElementRow<Member extends RowMember> {
  readonly #members: Member[] = [];
  #words = new Uint32Array(2 * leastRoom);
  #until = new Float64Array(leastRoom);

  get size(): number {
    return this.#members.length;
  }

  /** `until`: when it ends; Infinity: when it is taken out. */
  add(member: Member, [high, low]: readonly [number, number], until: number): void {
    const place = this.#members.push(member) - 1;
    if (place === this.#until.length) this.#double();
    member.rowPlace = place;
    this.#words[2 * place] = high;
    this.#words[2 * place + 1] = low;
    this.#until[place] = until;
  }

  /** The last takes its place. */
  delete({ rowPlace: place }: Member): void {
    const last = this.#members.pop();
    if (last === undefined || last.rowPlace === place) return;
    const from = last.rowPlace;
    last.rowPlace = place;
    this.#members[place] = last;
    this.#words.copyWithin(2 * place, 2 * from, 2 * from + 2);
    this.#until[place] = this.#until[from] as number;
  }

  /** Those that have not ended by now, in no order, from word `at` on; behind which word they end. There must be room for all. */
  copy(now: StoreTime, into: Uint32Array, at: number): number {
    let end = at;
    for (let place = 0; place < this.#members.length; place += 1) {
      if ((this.#until[place] as number) <= now) continue;
      into[end] = this.#words[2 * place] as number;
      into[end + 1] = this.#words[2 * place + 1] as number;
      end += 2;
    }
    return end;
  }

  /** Those whose upper words are among these, in no order. */
  withUpper(words: ReadonlySet<number>): readonly Member[] {
    return this.#members.filter((_, place) => words.has(this.#words[2 * place] as number));
  }

  #double(): void {
    const [words, until] = [this.#words, this.#until];
    this.#words = new Uint32Array(2 * words.length);
    this.#until = new Float64Array(2 * until.length);
    this.#words.set(words);
    this.#until.set(until);
  }
}
