/**
 * Proofs of envelopes that this node knows nothing of: a neighbour has told of them in a meeting. Anybody can make up sixteen octets that prove
 * something that never was, so these take no place of what the node knows itself, and each neighbour has places of his own.
 */
import type { LinkId } from "../link.ts";
import { elementOf } from "./reconcile/element.ts";
import { ElementRow, type RowMember } from "./reconcile/element-row.ts";
import type { StoreTime } from "./store-time.ts";
import type { TagName } from "./wire/envelope.ts";

/** Of one neighbour, and of how many. Some 4 MiB at the most. */
const mostOfOne = 256;
const mostTellers = 64;

interface Heard extends RowMember {
  readonly ackKey: Uint8Array;
  readonly until: StoreTime;
}

export class HeardProofs {
  readonly elements: ElementRow<RowMember> = new ElementRow();
  readonly #proofs = new Map<TagName, Heard>();
  /** Who told of which, the oldest first; who is gone, and then who told of something last longest ago, is the first. */
  #told = new Map<LinkId, Set<TagName>>();

  get size(): number {
    return this.#proofs.size;
  }

  /** `ackKey` is copied. */
  hear(from: LinkId, tag: TagName, ackKey: Uint8Array, until: StoreTime): void {
    if (this.#proofs.has(tag)) return;
    const told = this.#told.get(from) ?? new Set();
    this.#told.delete(from);
    this.#told.set(from, told);
    told.add(tag);
    const heard: Heard = { ackKey: ackKey.slice(), until, rowPlace: 0 };
    this.#proofs.set(tag, heard);
    this.elements.add(heard, elementOf("proved", tag), until);
    if (told.size > mostOfOne) this.#forget(told, 1);
    if (this.#told.size <= mostTellers) return;
    for (const [link, tags] of this.#told) {
      this.#forget(tags, tags.size);
      this.#told.delete(link);
      return;
    }
  }

  /** What he told is the first to give way: so who comes again under ever new names takes it from nobody who is there. */
  linkDown(from: LinkId): void {
    const told = this.#told.get(from);
    if (told !== undefined) this.#told = new Map([[from, told], ...this.#told]);
  }

  /** The proof of the envelope with this tag, as long as it may be of use. */
  find(now: StoreTime, tag: TagName): Uint8Array | undefined {
    const heard = this.#proofs.get(tag);
    return heard === undefined || heard.until <= now ? undefined : heard.ackKey;
  }

  /** The oldest of them. */
  #forget(told: Set<TagName>, count: number): void {
    let left = count;
    for (const tag of told) {
      if (left === 0) return;
      told.delete(tag);
      const heard = this.#proofs.get(tag);
      if (heard !== undefined) this.elements.delete(heard);
      this.#proofs.delete(tag);
      left -= 1;
    }
  }
}
