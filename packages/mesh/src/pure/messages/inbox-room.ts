/**
 * How much waits here for an application to take it, whole or in parts. Who is no contact shares half of the room with all his like, so that no number of
 * strangers keeps a contact's message out. Who finds no room has lost nothing: he gets no proof, and keeps his message.
 */
import type { Bytes } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import { chunksOf } from "./chunks.ts";
import {
  type GivenUpWhy,
  type Incomplete,
  IncompleteMessages,
  type PartFacts,
  reservedFor,
} from "./incomplete-messages.ts";
import type { StoreTime } from "./store-time.ts";
import type { Plaintext } from "./wire/plaintext.ts";

export interface InboxBounds {
  /** Messages and octets that nobody has taken. */
  readonly messages: number;
  readonly octets: Bytes;
  /** Octets of one message. */
  readonly longest: Bytes;
}

/** A message of the inbox, as a start finds it. */
export interface InboxFacts {
  readonly sender: MeshAddress;
  readonly size: number;
}

/** A part of a message that is not whole, as a start finds it. */
export interface StoredPart extends PartFacts {
  readonly size: number;
  /** When it came. */
  readonly at: StoreTime;
}

/** `parts-full`: of messages that are not whole yet there are as many as may be. */
export type NoRoom = "too-long" | "malformed" | "inbox-full" | "strangers-full" | "parts-full";

/** What the store made of it. */
export type Kept = "delivered" | "done" | "repeated" | "given-up" | "refused";

const strangersShare = 1 / 2;
/** Of what somebody and his like may have, for messages that are not whole. */
const incompleteShare = 1 / 4;

interface Pile {
  messages: number;
  octets: number;
}

interface SenderPile extends Pile {
  isStranger: boolean;
}

export class InboxRoom {
  readonly #bounds: InboxBounds;
  readonly #isContact: (address: MeshAddress) => boolean;
  readonly #incomplete = new IncompleteMessages();
  readonly #senders = new Map<MeshAddress, SenderPile>();
  readonly #all: Pile = { messages: 0, octets: 0 };
  readonly #strangers: Pile = { messages: 0, octets: 0 };
  #givenUp: Incomplete[] = [];
  readonly givenUp: Map<GivenUpWhy, number> = new Map();

  constructor(bounds: InboxBounds, isContact: (address: MeshAddress) => boolean) {
    this.#bounds = bounds;
    this.#isContact = isContact;
  }

  /** Whole messages. */
  get messages(): number {
    return this.#all.messages - this.#incomplete.size;
  }

  /** Of those, and all that is kept free for others that have begun. */
  get octets(): number {
    return this.#all.octets;
  }

  /** Whether there is no room for anything, so that nothing need be opened. */
  get isFull(): boolean {
    const { messages, octets } = this.#bounds;
    return this.#incomplete.size === 0 && (this.#all.messages >= messages || this.#all.octets >= octets);
  }

  /** What the store had. Parts in the order in which they came. */
  restore(inbox: Iterable<InboxFacts>, parts: Iterable<StoredPart>): void {
    for (const { sender, size } of inbox) this.#change(sender, 1, size);
    for (const part of parts) {
      const known = this.#incomplete.find(part);
      if (known === undefined) this.#change(part.sender, 1, reservedFor(part.count));
      this.#incomplete.progress(part.at, known ?? this.#incomplete.begin(part.at, part), part.size);
    }
  }

  /** Whether there is room for what was opened. If so it is to be stored, after what `takeGivenUp` gives, and `settle` told what came of it. */
  offer(at: StoreTime, sender: MeshAddress, plaintext: Plaintext): "taken" | NoRoom {
    const { length } = plaintext.content;
    if (length > this.#bounds.longest) return "too-long";
    if (plaintext.kind === "chunk")
      return this.#offerPart(at, { sender, id: plaintext.id, count: plaintext.count }, length);
    const bound = this.#exceeded(sender, length);
    if (bound === undefined) this.#change(sender, 1, length);
    return bound ?? "taken";
  }

  settle(at: StoreTime, sender: MeshAddress, plaintext: Plaintext, kept: Kept): void {
    const { length } = plaintext.content;
    if (plaintext.kind === "whole") {
      if (kept !== "delivered") this.#change(sender, -1, -length);
      return;
    }
    const known = this.#incomplete.find({ sender, id: plaintext.id });
    if (known === undefined) return;
    known.storing -= 1;
    if (kept === "done") this.#incomplete.progress(at, known, length);
    else if (kept === "delivered") {
      this.#incomplete.remove(known);
      this.#change(sender, 0, known.octets + length - known.reserved);
    } else if (known.octets === 0 && known.storing === 0) this.#remove(known);
  }

  /** The application has it. */
  taken({ sender, size }: InboxFacts): void {
    this.#change(sender, -1, -size);
  }

  /** Gives up what has not gone on since then. */
  expire(since: StoreTime): void {
    for (const one of this.#incomplete.restingSince(since)) this.#giveUp(one, "stalled");
  }

  /** Messages that are given up: their parts are to go, and no more of them is to be kept. */
  takeGivenUp(): readonly PartFacts[] {
    const given = this.#givenUp;
    this.#givenUp = [];
    return given;
  }

  #offerPart(at: StoreTime, part: PartFacts, length: number): "taken" | NoRoom {
    const known = this.#incomplete.find(part);
    if (known === undefined) return this.#begin(at, part);
    if (known.count !== part.count) return "malformed";
    if (known.octets + length > this.#bounds.longest) return "too-long";
    known.storing += 1;
    return "taken";
  }

  #begin(at: StoreTime, part: PartFacts): "taken" | NoRoom {
    const { octets, longest } = this.#bounds;
    const { sender, count } = part;
    if (count > chunksOf(longest)) return "too-long";
    const reserved = reservedFor(count);
    const bound = this.#exceeded(sender, reserved);
    if (bound !== undefined) return bound;
    const isStranger = !this.#isContact(sender);
    const bounds = {
      all: octets * incompleteShare * (isStranger ? strangersShare : 1),
      longest,
      isAlike: (other: MeshAddress) => this.#isContact(other) !== isStranger,
    };
    let victim = this.#incomplete.victim(at, sender, reserved, bounds);
    for (; typeof victim === "object"; victim = this.#incomplete.victim(at, sender, reserved, bounds))
      this.#giveUp(victim, "gave-way");
    if (victim === "no-room") return "parts-full";
    this.#change(sender, 1, reserved);
    this.#incomplete.begin(at, part).storing += 1;
    return "taken";
  }

  #exceeded(sender: MeshAddress, octets: number): NoRoom | undefined {
    const { messages: most, octets: mostOctets } = this.#bounds;
    const { isStranger } = this.#pile(sender);
    if (isOver(this.#all, octets, most, mostOctets)) return "inbox-full";
    const isFull = isOver(this.#strangers, octets, Math.max(1, most * strangersShare), mostOctets * strangersShare);
    return isStranger && isFull ? "strangers-full" : undefined;
  }

  #giveUp(one: Incomplete, why: GivenUpWhy): void {
    this.#remove(one);
    this.#givenUp.push(one);
    this.givenUp.set(why, (this.givenUp.get(why) ?? 0) + 1);
  }

  #remove(one: Incomplete): void {
    this.#incomplete.remove(one);
    this.#change(one.sender, -1, -one.reserved);
  }

  #change(sender: MeshAddress, messages: number, octets: number): void {
    const its = this.#pile(sender);
    add(its, messages, octets);
    add(this.#all, messages, octets);
    if (its.isStranger) add(this.#strangers, messages, octets);
    if (its.messages === 0) this.#senders.delete(sender);
    else this.#senders.set(sender, its);
  }

  /** Who became a contact, or is one no more, goes with those like him from now on. */
  #pile(sender: MeshAddress): SenderPile {
    const isStranger = !this.#isContact(sender);
    const its = this.#senders.get(sender) ?? { messages: 0, octets: 0, isStranger };
    if (its.isStranger === isStranger) return its;
    its.isStranger = isStranger;
    const sign = isStranger ? 1 : -1;
    add(this.#strangers, sign * its.messages, sign * its.octets);
    return its;
  }
}

function add(pile: Pile, messages: number, octets: number): void {
  pile.messages += messages;
  pile.octets += octets;
}

function isOver({ messages, octets }: Pile, more: number, most: number, mostOctets: number): boolean {
  return messages + 1 > most || octets + more > mostOctets;
}
