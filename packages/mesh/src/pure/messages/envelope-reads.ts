/**
 * Envelopes that are read from the store because they are due: a few at a time, so that what waits takes no memory before it is its turn.
 * Whoever asks looks first how many may be asked for.
 */
import type { Millis } from "@ropewalk/kernel/units";

/** Under way at once: 256 KiB of the longest. It is as many as one question of the store may ask for. */
export const mostReads = 64;

/** `absent`: the store has it no more. `unread`: it did not answer; it may later. */
export type ReadEnd = Uint8Array | "absent" | "unread";

type Then = (now: Millis, end: ReadEnd) => void;

export class EnvelopeReads {
  readonly #ask: (names: readonly string[]) => void;
  #wanted: string[] = [];
  readonly #underWay = new Map<string, Then>();

  /** `ask` has the store look for envelopes, after which `answered` is to be called with the same names. */
  constructor(ask: (names: readonly string[]) => void) {
    this.#ask = ask;
  }

  /** How many more may be asked for. */
  get room(): number {
    return mostReads - this.#underWay.size;
  }

  has(name: string): boolean {
    return this.#underWay.has(name);
  }

  /** There must be room, and the name not be under way. */
  read(name: string, then: Then): void {
    this.#underWay.set(name, then);
    this.#wanted.push(name);
  }

  /** At the end of a turn: asks for what is wanted. */
  flush(): void {
    if (this.#wanted.length === 0) return;
    const names = this.#wanted;
    this.#wanted = [];
    this.#ask(names);
  }

  /** `found` by name; undefined: the store did not answer. */
  answered(now: Millis, names: readonly string[], found: ReadonlyMap<string, Uint8Array> | undefined): void {
    for (const name of names) {
      const then = this.#underWay.get(name);
      this.#underWay.delete(name);
      then?.(now, found === undefined ? "unread" : (found.get(name) ?? "absent"));
    }
  }
}
