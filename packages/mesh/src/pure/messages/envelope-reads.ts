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
  readonly #ask: (tags: readonly string[]) => void;
  #wanted: string[] = [];
  readonly #underWay = new Map<string, Then>();

  /** `ask` has the store look for envelopes, after which `answered` is to be called with the same tags. */
  constructor(ask: (tags: readonly string[]) => void) {
    this.#ask = ask;
  }

  /** How many more may be asked for. */
  get room(): number {
    return mostReads - this.#underWay.size;
  }

  has(tag: string): boolean {
    return this.#underWay.has(tag);
  }

  /** There must be room, and the tag not be under way. */
  read(tag: string, then: Then): void {
    this.#underWay.set(tag, then);
    this.#wanted.push(tag);
  }

  /** At the end of a turn: asks for what is wanted. */
  flush(): void {
    if (this.#wanted.length === 0) return;
    const tags = this.#wanted;
    this.#wanted = [];
    this.#ask(tags);
  }

  /** `found` by tag; undefined: the store did not answer. */
  answered(now: Millis, tags: readonly string[], found: ReadonlyMap<string, Uint8Array> | undefined): void {
    for (const tag of tags) {
      const then = this.#underWay.get(tag);
      this.#underWay.delete(tag);
      then?.(now, found === undefined ? "unread" : (found.get(tag) ?? "absent"));
    }
  }
}
