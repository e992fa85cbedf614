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
}

export const defaultAccepting: AcceptingConfig = {
  most: bytes(64 * 2 ** 20),
  longest: bytes(256 * 1024),
};

/** Of the bound, by priority: low, normal, high, emergency. */
const shareOf = [0.5, 0.75, 0.9, 1] as const;

/** What a message takes besides its octets: rows of the store, and a place in memory. */
export const acceptedOverhead = 512;

export type Acceptance =
  | { readonly kind: "accepted" }
  /** It has more octets than any may. */
  | { readonly kind: "too-long"; readonly octets: number; readonly limit: number }
  /** With it there would be so many octets; for its priority there may be no more than the limit. */
  | { readonly kind: "full"; readonly octets: number; readonly limit: number };

export class Accepting {
  readonly #config: AcceptingConfig;
  #octets = 0;

  constructor(config: AcceptingConfig = defaultAccepting) {
    this.#config = config;
  }

  /** Of all that were accepted and not released, each with `acceptedOverhead`. */
  get octets(): number {
    return this.#octets;
  }

  /** Up to how many octets in all one of this priority is taken. */
  limit(priority: number): Bytes {
    return bytes(Math.floor(this.#config.most * (shareOf[priority] ?? 0)));
  }

  /** What is accepted counts until it is released. Who is refused may try again when one of his has ended. */
  offer(length: number, priority: number): Acceptance {
    const { longest } = this.#config;
    if (length > longest) return { kind: "too-long", octets: length, limit: longest };
    const octets = this.#octets + length + acceptedOverhead;
    const limit = this.limit(priority);
    if (octets > limit) return { kind: "full", octets, limit };
    this.#octets = octets;
    return { kind: "accepted" };
  }

  /** What was there before this node began: it is there, whatever the bound is now. */
  restore(length: number): void {
    this.#octets += length + acceptedOverhead;
  }

  /** One is delivered, has ended or was never stored. */
  release(length: number): void {
    this.#octets = Math.max(0, this.#octets - length - acceptedOverhead);
  }
}
