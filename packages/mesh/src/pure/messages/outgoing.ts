/**
 * Sends what applications handed in: sealed when it is its turn, as many at a time as the way bears, again when no proof comes, and into custody
 * where there is no way or it did not help. A message is kept until its proof, or the end of its life, and nothing else ends it.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import { chunkRange } from "./chunks.ts";
import { heldName } from "./custody/held.ts";
import { Flights } from "./flights.ts";
import { LongKept } from "./long-kept.ts";
import type { OutgoingDeps, Restored } from "./outgoing-terms.ts";
import { copiesAfterStart, copiesAnew, givenOf, keptOf, mostTries } from "./own-copies.ts";
import { type OwnMessage, OwnMessages, type OwnPart } from "./own-messages.ts";
import type { Correspondent, SealedMessage } from "./sealing/sender-sessions.ts";
import type { StoredMessage, StoredSealed } from "./store-operations.ts";
import { encodeEnvelope, type Priority, type TagName, tagName, tagOctets } from "./wire/envelope.ts";
import { coarseLife } from "./wire/life.ts";
import type { Plaintext } from "./wire/plaintext.ts";
import { markOf } from "./wire/tags.ts";

const mostHops = 64;
/** Openings under way at once to one contact: who knows no chain of his yet waits for the first proof. */
const mostOpenings = 4;
const lookEvery = seconds(5);
/** Parts whose octets are read from the store at once. */
const mostReading = 32;

export class Outgoing {
  readonly #deps: OutgoingDeps;
  readonly #messages = new OwnMessages();
  readonly #flights = new Flights();
  readonly #parts = new Map<TagName, OwnPart>();
  readonly #stored = new LongKept();
  readonly #due = new Set<MeshAddress>();
  #reading = 0;
  #lookAt: Millis;

  constructor(deps: OutgoingDeps, now: Millis) {
    this.#deps = deps;
    this.#lookAt = millis(now + lookEvery);
  }

  /** Messages that are not delivered. */
  get size(): number {
    return this.#messages.size;
  }

  get(id: string): OwnMessage | undefined {
    return this.#messages.get(id);
  }

  all(): IterableIterator<OwnMessage> {
    return this.#messages.all();
  }

  get deadline(): Millis {
    return millis(Math.min(this.#lookAt, this.#flights.deadline ?? this.#lookAt));
  }

  /** One that is on the disk from now on. */
  accepted(facts: StoredMessage, content: Uint8Array): void {
    const message = this.#messages.add(facts, content.length, content, []);
    for (const part of message.parts) this.#messages.wait(part, "last");
    this.#due.add(facts.contact);
  }

  /** What a start finds: `sealed` of its parts are in custody already. */
  restore(now: Millis, facts: StoredMessage, found: Restored): void {
    const message = this.#messages.add(facts, found.size, undefined, found.proved);
    for (const { sealed, size } of found.sealed) {
      const part = message.parts[sealed.chunk];
      if (part === undefined || part.state === "proved") continue;
      this.#name(part, sealed.tag as TagName);
      part.seals += 1;
      // How many it had given away it did not write down: one copy is what it has for certain.
      this.#keep(now, part, { sealed, size, copies: 1 }, "untried");
    }
    for (const part of message.parts) {
      if (part.state === "proved" || part.tags.size > 0) continue;
      part.copies = copiesAfterStart;
      this.#messages.wait(part, "last");
    }
    this.#due.add(facts.contact);
  }

  /** There is a way to him now, or his key is known. */
  wayUp(address: MeshAddress): void {
    this.#due.add(address);
  }

  /** A proof: whether it was of something of this node's own. */
  proved(now: Millis, tag: TagName): boolean {
    const part = this.#parts.get(tag);
    if (part === undefined) return false;
    const { sessions, store, tell } = this.#deps;
    const { of: message, index } = part;
    sessions.proved(now, tag);
    this.#flights.proved(now, tag);
    this.#forget(part);
    part.state = "proved";
    store({ kind: "proved", id: message.facts.id, chunk: index });
    message.left -= 1;
    this.#due.add(message.facts.contact);
    const { chunks, id } = message.facts;
    if (chunks > 1) tell({ kind: "progress", id, proved: chunks - message.left, of: chunks });
    if (message.left > 0) return true;
    this.#messages.end(message);
    tell({ kind: "delivered", message: message.facts, size: message.size });
    return true;
  }

  /** The store has it no more. Undefined: there is none. */
  withdrawn(id: string): OwnMessage | undefined {
    const message = this.#messages.get(id);
    if (message === undefined) return undefined;
    for (const part of message.parts) this.#forget(part);
    this.#messages.end(message);
    return message;
  }

  expire(now: Millis): void {
    for (const { tag, flight } of this.#flights.late(now)) this.#late(now, tag, flight.part);
    if (now < this.#lookAt) return;
    this.#lookAt = millis(now + lookEvery);
    this.#expireMessages(now);
    this.#reseal(now);
    for (const contact of this.#messages.contacts()) this.#due.add(contact);
  }

  /** Sends what may go. At the end of each turn. */
  work(now: Millis): void {
    for (const contact of this.#due) {
      this.#due.delete(contact);
      this.#serve(now, contact);
    }
  }

  #serve(now: Millis, contact: MeshAddress): void {
    const to = this.#deps.correspondent(contact);
    if (to === undefined) return;
    for (let part = this.#messages.next(contact); part !== undefined; part = this.#messages.next(contact)) {
      const isReachable = this.#deps.isReachable(contact);
      if (isReachable && !this.#mayFly(now, contact)) return;
      const range = chunkRange(part.of.size, part.index);
      const content = part.of.content?.subarray(range.offset, range.offset + range.length);
      if (content !== undefined) {
        this.#messages.take(part);
        this.#seal(now, part, to, content);
      } else if (this.#reading < mostReading) this.#read(part, range);
      else return;
    }
  }

  #mayFly(now: Millis, contact: MeshAddress): boolean {
    const { sessions } = this.#deps;
    const count = this.#flights.count(contact);
    return sessions.room(now, contact) > 0 ? count < this.#flights.window(contact).size : count < mostOpenings;
  }

  #read(part: OwnPart, range: { readonly offset: number; readonly length: number }): void {
    this.#messages.take(part);
    part.state = "reading";
    this.#reading += 1;
    this.#deps.readContent(part.of.facts, range, (now, octets) => {
      this.#reading -= 1;
      const { contact } = part.of.facts;
      this.#due.add(contact);
      if (part.of.state === "over" || part.state !== "reading") return;
      const to = this.#deps.correspondent(contact);
      if (octets === undefined || to === undefined) this.#messages.wait(part, "first");
      else this.#seal(now, part, to, octets);
    });
  }

  #seal(now: Millis, part: OwnPart, to: Correspondent, content: Uint8Array): void {
    const { sessions, isConstrained, calendar, isReachable, send } = this.#deps;
    const { facts } = part.of;
    const life = coarseLife(calendar.left(now, facts.until));
    const sealed = sessions.seal(now, to, plaintextOf(part, content), isConstrained ? "none" : "class");
    // His keys are none, or its time is over: it ends with its life.
    if (sealed === undefined || life < seconds(1)) return;
    const hop = { priority: facts.priority as Priority, copies: givenOf(this.#copies(part)), life, hops: mostHops };
    const octets = encodeEnvelope({ form: sealed.form, tag: sealed.tag, ...hop }, sealed.sealed);
    const tag = sealed.name;
    part.seals += 1;
    this.#name(part, tag);
    if (isReachable(facts.contact) && send(now, facts.contact, octets, hop)) {
      part.state = "flying";
      this.#flights.add(now, tag, { part, octets, form: sealed.form });
    } else this.#store(part, sealed, octets, this.#copies(part));
  }

  /** Its proof has not come in time. */
  #late(now: Millis, tag: TagName, part: OwnPart): void {
    const { isReachable, send, calendar } = this.#deps;
    const { facts } = part.of;
    const flight = this.#flights.get(tag);
    if (flight === undefined) return;
    const hop = {
      ...{ priority: facts.priority as Priority, copies: 1, hops: mostHops },
      life: coarseLife(calendar.left(now, facts.until)),
    };
    const isTried = hop.life >= seconds(1) && flight.tries < mostTries && isReachable(facts.contact);
    if (isTried && send(now, facts.contact, flight.octets, hop)) {
      this.#flights.again(now, tag);
      return;
    }
    this.#flights.delete(tag);
    this.#store(part, { tag: tagOctets(tag) }, flight.octets, keptOf(this.#copies(part)));
    this.#due.add(facts.contact);
  }

  /** From flight, or where there is no way, into custody. */
  #store(part: OwnPart, { tag }: Pick<SealedMessage, "tag">, octets: Uint8Array, copies: number): void {
    part.state = "storing";
    const sealed: StoredSealed = { tag: tagName(tag), id: part.of.facts.id, chunk: part.index, mark: markOf(octets) };
    this.#deps.store({ kind: "sealed", sealed, envelope: octets }, (now, end) => {
      if (part.state !== "storing" || part.of.state === "over") return;
      if (end === "durable") this.#keep(now, part, { sealed, size: octets.length, copies }, "tried");
      else this.#retry(part, tagName(tag));
    });
  }

  #keep(now: Millis, part: OwnPart, { sealed, size, copies }: KeptPart, was: "tried" | "untried"): void {
    const { contact, priority, until } = part.of.facts;
    part.state = "stored";
    this.#stored.add(now, sealed.tag as TagName, part, was === "untried" ? "atStart" : "usual");
    const name = heldName(sealed.tag as TagName, sealed.mark);
    const own = { from: "own", isSenders: true, to: { kind: "address", address: contact } } as const;
    this.#deps.custody.add(now, { name, ...own, priority: priority as Priority, until, copies }, size, was);
  }

  /** What was sealed of it is of no use. */
  #retry(part: OwnPart, tag: TagName): void {
    this.#deps.sessions.abandon(tag);
    part.tags.delete(tag);
    this.#parts.delete(tag);
    this.#messages.wait(part, "first");
  }

  #expireMessages(now: Millis): void {
    const at = this.#deps.calendar.at(now);
    for (const message of this.#messages.all()) {
      if (message.facts.until > at) continue;
      const { id } = message.facts;
      this.withdrawn(id);
      this.#deps.store({ kind: "withdraw", id });
      this.#deps.tell({ kind: "expired", message: message.facts, size: message.size });
    }
  }

  #reseal(now: Millis): void {
    for (const [tag, part] of this.#stored.due(now, this.#deps.isReachable)) {
      // Its proof is as good as another's, if it comes yet.
      this.#deps.custody.withdraw(tag);
      this.#deps.sessions.abandon(tag);
      part.copies = copiesAnew;
      this.#messages.wait(part, "last");
    }
  }

  #name(part: OwnPart, tag: TagName): void {
    part.tags.add(tag);
    this.#parts.set(tag, part);
  }

  #forget(part: OwnPart): void {
    for (const tag of part.tags) {
      this.#parts.delete(tag);
      this.#stored.delete(tag);
      this.#flights.delete(tag);
      this.#deps.custody.withdraw(tag);
    }
    part.tags.clear();
  }

  #copies({ copies }: OwnPart): number {
    return this.#deps.isConstrained ? 1 : copies;
  }
}

interface KeptPart {
  readonly sealed: Pick<StoredSealed, "tag" | "mark">;
  readonly size: number;
  readonly copies: number;
}

function plaintextOf({ of: { facts }, index }: OwnPart, content: Uint8Array): Plaintext {
  const { port, id, accepted: sent, chunks: count } = facts;
  const told = { port, id, sent, content };
  return count === 1 ? { kind: "whole", ...told } : { kind: "chunk", ...told, index, count };
}
