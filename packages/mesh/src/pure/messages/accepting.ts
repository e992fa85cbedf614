/**
 * What applications may hand in: octets up to a bound, of which those of low priority find less than those of high. So a node that is cut
 * off for days fills up with what matters least first, and has room for an emergency when it is otherwise full.
 */
import { type Bytes, bytes } from "@ropewalk/kernel/units";

export interface AcceptingConfig {
  /** Octets of all own messages that are not delivered yet. */
  readonly most: Bytes;
  /** Octets of one. */
  readonly longest: Bytes;
  /** Messages that may wait for room. */
  readonly mostWaiting: number;
}

export const defaultAccepting: AcceptingConfig = {
  most: bytes(64 * 2 ** 20),
  longest: bytes(256 * 1024),
  mostWaiting: 1_024,
};

/** Of the bound, by priority: low, normal, high, emergency. */
const shareOf = [0.5, 0.75, 0.9, 1] as const;

/** What a message takes besides its octets: rows of the store, and a place in memory. */
export const acceptedOverhead = 512;

/** How a message is taken; with `wait`, it is told later that it was where there is no room now. */
export type Acceptance =
  | { readonly kind: "accepted" }
  | { readonly kind: "waiting" }
  /** It has more octets than any may. */
  | { readonly kind: "too-long"; readonly octets: number; readonly limit: number }
  /** With it, and those that wait before it, there would be so many octets; for its priority there may be no more than the limit. */
  | { readonly kind: "full"; readonly octets: number; readonly limit: number }
  /** So many wait for room already. */
  | { readonly kind: "crowded"; readonly waiting: number; readonly limit: number };

interface Waiting {
  readonly octets: number;
  readonly priority: number;
}

export class Accepting {
  readonly #config: AcceptingConfig;
  /** By what the caller names them, in the order in which they came. */
  readonly #waiting = new Map<number, Waiting>();
  #octets = 0;

  constructor(config: AcceptingConfig = defaultAccepting) {
    this.#config = config;
  }

  /** Of all that were accepted and not released, each with `acceptedOverhead`. */
  get octets(): number {
    return this.#octets;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Up to how many octets in all one of this priority is taken. */
  limit(priority: number): Bytes {
    return bytes(Math.floor(this.#config.most * (shareOf[priority] ?? 0)));
  }

  /** What is accepted counts until it is released. `wait`: a number by which `release` names it when there is room. */
  offer(length: number, priority: number, wait?: number): Acceptance {
    const { longest, mostWaiting } = this.#config;
    if (length > longest) return { kind: "too-long", octets: length, limit: longest };
    const octets = length + acceptedOverhead;
    const limit = this.limit(priority);
    // Who waits was there before: of the same priority or a higher nobody passes him.
    const ahead = this.#ahead(priority);
    if (ahead === 0 && this.#octets + octets <= limit) {
      this.#octets += octets;
      return { kind: "accepted" };
    }
    if (wait === undefined || octets > limit) return { kind: "full", octets: this.#octets + ahead + octets, limit };
    if (this.#waiting.size >= mostWaiting) return { kind: "crowded", waiting: this.#waiting.size, limit: mostWaiting };
    this.#waiting.set(wait, { octets, priority });
    return { kind: "waiting" };
  }

  /** What was there before this node began: it is there, whatever the bound is now. */
  restore(length: number): void {
    this.#octets += length + acceptedOverhead;
  }

  /** One is delivered, has ended or was never stored. Those that waited and are accepted now, the highest priority first. */
  release(length: number): readonly number[] {
    this.#octets = Math.max(0, this.#octets - length - acceptedOverhead);
    return this.#acceptWaiting();
  }

  /** One that waited does not any more. Those that were behind it and are accepted now. */
  leave(wait: number): readonly number[] {
    return this.#waiting.delete(wait) ? this.#acceptWaiting() : [];
  }

  /** Octets of those that wait and go first. */
  #ahead(priority: number): number {
    let octets = 0;
    for (const one of this.#waiting.values()) if (one.priority >= priority) octets += one.octets;
    return octets;
  }

  #acceptWaiting(): readonly number[] {
    const accepted: number[] = [];
    for (let priority = shareOf.length - 1; priority >= 0; priority -= 1) {
      const limit = this.limit(priority);
      for (const [name, one] of this.#waiting) {
        if (one.priority !== priority) continue;
        // None passes one that is as urgent and was there before, or a long one would wait forever.
        if (this.#octets + one.octets > limit) break;
        this.#waiting.delete(name);
        this.#octets += one.octets;
        accepted.push(name);
      }
      if (this.#waiting.values().some((one) => one.priority === priority)) break;
    }
    return accepted;
  }
}
