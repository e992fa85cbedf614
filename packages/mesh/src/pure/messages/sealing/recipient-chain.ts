/**
 * One chain as its recipient has it: the key of the number behind the last that came, the keys of the numbers that were skipped, and of so many
 * ahead that whatever its sender may have under way is known by its tag. Keys of messages that came are not kept.
 */
import { readU16, writeU16 } from "@ropewalk/kernel/big-endian";
import { joined } from "@ropewalk/kernel/bytes";
import type { MeshAddress } from "../../mesh-address.ts";
import type { StoredChain } from "../store-operations.ts";
import type { StoreTime } from "../store-time.ts";
import { type TagName, tagName } from "../wire/envelope.ts";
import { type ChainHash, chainKeyLength, mostOfChain } from "./chain.ts";

/**
 * How many numbers ahead of the last that came are known: so many, one more for each that came, and so many at most. A sender has 16 unproved,
 * one more for each that was proved, and 512 at most.
 */
const [firstAhead, mostAhead] = [32, 512];
/** Of more the oldest are given up: a sender has 512 unproved. */
const mostSkipped = 512;

/** A message of a chain that may come. */
export interface Expected {
  readonly chain: RecipientChain;
  readonly number: number;
  readonly tag: TagName;
  /** The message key, 32 octets, and the proof, 16, in one piece: many are kept, and few are used. */
  readonly keys: Uint8Array;
}

/** What changed of the tags by which a chain is found. */
export interface TagChange {
  readonly added: readonly Expected[];
  readonly dropped: readonly Expected[];
}

const skippedLength = 2 + chainKeyLength;

export class RecipientChain {
  readonly sender: MeshAddress;
  /** The tag of its opening. */
  readonly opening: TagName;
  until: StoreTime;
  readonly #hash: ChainHash;
  /** Of all that did not come: those that were skipped, and those ahead. */
  readonly #expected = new Map<number, Expected>();
  /** The number behind the highest that came, and its key. */
  #next: number;
  #key: Uint8Array;
  /** The first number that is not known yet, and its key. */
  #front: number;
  #frontKey: Uint8Array;
  #skipped = 0;

  /** `next` is 1 behind an opening. Nothing is expected before `extend`. */
  constructor(hash: ChainHash, { sender, opening, until }: ChainFacts, next: number, key: Uint8Array) {
    this.#hash = hash;
    this.sender = sender;
    this.opening = opening;
    this.until = until;
    [this.#next, this.#key] = [next, key];
    [this.#front, this.#frontKey] = [next, key];
  }

  /** Whether anything came of it but its opening. */
  get isUsed(): boolean {
    return this.#next > 1;
  }

  get expected(): Iterable<Expected> {
    return this.#expected.values();
  }

  /** Makes the tags known that are to be known now, and tells them. */
  extend(): readonly Expected[] {
    const came = this.#next - this.#skipped;
    const until = Math.min(mostOfChain, this.#next + Math.min(mostAhead, firstAhead + came));
    const added: Expected[] = [];
    for (; this.#front < until; this.#front += 1) {
      added.push(this.#expect(this.#front, this.#hash.messageKey(this.#frontKey)));
      this.#frontKey = this.#hash.next(this.#frontKey);
    }
    return added;
  }

  /** It came. */
  received(expected: Expected): TagChange {
    const { number } = expected;
    this.#expected.delete(number);
    if (number < this.#next) {
      this.#skipped -= 1;
      return { added: this.extend(), dropped: [expected] };
    }
    this.#skipped += number - this.#next;
    for (; this.#next <= number; this.#next += 1) this.#key = this.#hash.next(this.#key);
    return { added: this.extend(), dropped: [expected, ...this.#giveUp()] };
  }

  /** It came, but could not be kept: it may come again. */
  reinstate(expected: Expected): void {
    this.#expected.set(expected.number, expected);
    this.#skipped += 1;
  }

  /** For the store. */
  state(): StoredChain {
    const seen = new Uint8Array(this.#skipped * skippedLength);
    let at = 0;
    for (const { number, keys } of this.#expected.values()) {
      if (at === seen.length) break;
      if (number >= this.#next) continue;
      writeU16(seen, at, number);
      seen.set(keys.subarray(0, chainKeyLength), at + 2);
      at += skippedLength;
    }
    const { sender, opening, until } = this;
    return { sender, opening: Uint8Array.fromHex(opening), key: this.#key, base: this.#next, seen, until };
  }

  /** Of what `state` gave. Undefined: it is none. */
  static of(hash: ChainHash, stored: StoredChain): RecipientChain | undefined {
    const { sender, key, base, seen, until } = stored;
    const count = seen.length / skippedLength;
    if (base < 1 || base > mostOfChain || key.length !== chainKeyLength) return undefined;
    if (!Number.isInteger(count) || count > Math.min(mostSkipped, base - 1)) return undefined;
    const chain = new RecipientChain(hash, { sender, opening: tagName(stored.opening), until }, base, key);
    for (let at = 0; at < seen.length; at += skippedLength) {
      const number = readU16(seen, at);
      if (number < 1 || number >= base || chain.#expected.has(number)) return undefined;
      chain.#expect(number, seen.subarray(at + 2, at + skippedLength));
    }
    chain.#skipped = count;
    return chain;
  }

  #expect(number: number, messageKey: Uint8Array): Expected {
    const ackKey = this.#hash.ackKey(messageKey);
    const keys = joined(messageKey, ackKey);
    const expected = { chain: this, number, tag: this.#hash.tag(ackKey), keys };
    this.#expected.set(number, expected);
    return expected;
  }

  /** The oldest of those that were skipped, where they are too many. */
  #giveUp(): readonly Expected[] {
    const given: Expected[] = [];
    for (const expected of this.#expected.values()) {
      if (this.#skipped <= mostSkipped) break;
      this.#expected.delete(expected.number);
      this.#skipped -= 1;
      given.push(expected);
    }
    return given;
  }
}

export interface ChainFacts {
  readonly sender: MeshAddress;
  readonly opening: TagName;
  readonly until: StoreTime;
}
