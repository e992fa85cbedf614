/**
 * All that a node does with messages, joined: what comes over links, what applications hand in, what the store answers. It decides nothing
 * itself; who decides what stands in the files that it joins.
 */
import { type Bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Advertising } from "../advertising.ts";
import type { Deliveries } from "../deliveries.ts";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { MeshOutput } from "../mesh-output.ts";
import type { Neighbour } from "../neighbour.ts";
import type { NextHopChoice } from "../next-hop-choice.ts";
import type { Route } from "../routing/route.ts";
import type { Routes } from "../routing/routes.ts";
import { capability } from "../wire/announce.ts";
import type { DepositFrame, MessageFrame, ProofFrame } from "../wire/link-frame.ts";
import { Accepting, type AcceptingConfig } from "./accepting.ts";
import { BackWays } from "./back-ways.ts";
import { chunksOf } from "./chunks.ts";
import { Custody } from "./custody.ts";
import { EnvelopeReads } from "./envelope-reads.ts";
import { Incoming } from "./incoming.ts";
import { KeptProofs } from "./kept-proofs.ts";
import { MessageTally } from "./message-tally.ts";
import type { AcceptRefusal, MessageEvent, MessageOrder, MessagesFound } from "./message-terms.ts";
import { Outgoing, type OutgoingEvent } from "./outgoing.ts";
import { Proofs } from "./proofs.ts";
import { Relaying } from "./relaying.ts";
import type { MessageCrypto } from "./sealing/message-crypto.ts";
import { Prekeys } from "./sealing/prekeys.ts";
import { RecipientChains } from "./sealing/recipient-chains.ts";
import { type Correspondent, SenderSessions } from "./sealing/sender-sessions.ts";
import { Spraying } from "./spraying.ts";
import { StoreGroups } from "./store-groups.ts";
import type { StoreAnswer, StoredContact, StoredMessage } from "./store-operations.ts";
import type { StoreQuestion, StoreReading, StoreReply } from "./store-questions.ts";
import type { StoreCalendar } from "./store-time.ts";
import { tagName } from "./wire/envelope.ts";

export interface MessagesConfig {
  readonly accepting: AcceptingConfig;
  /** Octets that are kept for others. */
  readonly custody: Bytes;
  /** Nothing is kept for others longer, and no own message lives longer. */
  readonly longestLife: Millis;
  /** Messages that the application has not taken: of more none is received. */
  readonly mostInbox: number;
  readonly isConstrained: boolean;
}

export interface MessageDeskDeps {
  readonly address: MeshAddress;
  readonly routes: Routes;
  readonly choice: NextHopChoice;
  readonly advertising: Advertising;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly deliveries: Deliveries;
  readonly crypto: MessageCrypto;
  readonly calendar: StoreCalendar;
  /** Seconds since 1970, for people. */
  readonly wall: (now: Millis) => number;
  readonly emit: (output: MeshOutput) => void;
  /** What others may seal to from now on: 32 octets. */
  readonly onPrekey: (now: Millis, prekey: Uint8Array) => void;
}

/** Prekeys and chains that have ended are looked for this often. */
const tidyEvery = seconds(60);
const secretLength = 16;
const idLength = 8;

export class MessageDesk {
  readonly tally: MessageTally = new MessageTally();
  readonly incoming: Incoming;
  readonly #config: MessagesConfig;
  readonly #deps: MessageDeskDeps;
  readonly #store: StoreGroups;
  readonly #accepting: Accepting;
  readonly #outgoing: Outgoing;
  readonly #custody: Custody;
  readonly #reads: EnvelopeReads;
  readonly #relaying: Relaying;
  readonly #proofs: Proofs;
  readonly #kept: KeptProofs;
  readonly #spraying: Spraying;
  readonly #chains: RecipientChains;
  readonly #prekeys: Prekeys;
  readonly #contacts = new Map<MeshAddress, StoredContact>();
  #inbox = 0;
  #tidyAt: Millis;

  constructor(config: MessagesConfig, deps: MessageDeskDeps, now: Millis) {
    const { crypto, calendar, routes, neighbours, deliveries, emit } = deps;
    const tell = (event: MessageEvent) => emit({ kind: "message", event });
    this.#config = config;
    this.#deps = deps;
    this.#tidyAt = now;
    this.#accepting = new Accepting(config.accepting);
    this.#store = new StoreGroups(emit);
    this.#reads = new EnvelopeReads((tags) => this.#readEnvelopes(tags));
    this.#kept = new KeptProofs(crypto.random(secretLength));
    this.#prekeys = new Prekeys(crypto);
    const isContact = (address: MeshAddress) => this.#contacts.has(address) || routes.isContact(address);
    this.#chains = new RecipientChains({ crypto, prekeys: () => this.#prekeys.live(), isContact });
    const { tally } = this;
    const ways = new BackWays(crypto.random(secretLength), now);
    const isReachable = (to: MeshAddress) => routes.get(to)?.best !== undefined;
    const shared = {
      calendar,
      isReachable,
      store: this.#store.call,
      reads: this.#reads,
      emit,
      tally,
      ways,
      neighbours,
    };
    this.#spraying = new Spraying({ ...shared, held: (tag) => this.#custody.get(tag) });
    this.#custody = new Custody(
      {
        ...shared,
        forward: (later, held, octets) => this.#relaying.forward(later, held, octets),
        onWaiting: (_, held) => this.#spraying.waits(held),
      },
      config.custody,
    );
    const onProof = (later: Millis, tag: Uint8Array, ackKey: Uint8Array) => this.#onProof(later, tag, ackKey);
    this.#proofs = new Proofs({ ...shared, kept: this.#kept, deliveries, onProof }, now);
    const passing = { proofs: this.#proofs, custody: this.#custody, longestLife: config.longestLife };
    this.#relaying = new Relaying({ ...deps, ...shared, ...passing });
    this.#outgoing = new Outgoing(
      {
        ...shared,
        sessions: new SenderSessions(crypto),
        custody: this.#custody,
        correspondent: (address) => this.#correspondent(address),
        send: (later, to, octets, hop) => this.#relaying.send(later, to, octets, hop) === "gone",
        readContent: ({ id }, range, then) =>
          this.#store.read({ kind: "content", id, ...range }, (later, reading) =>
            then(later, reading.kind === "read" ? reading.value : undefined),
          ),
        tell: (event) => this.#onOutgoing(event),
        isConstrained: config.isConstrained,
      },
      now,
    );
    const hasRoom = () => this.#inbox < config.mostInbox;
    const opening = { calendar, chains: this.#chains, proofs: this.#proofs, kept: this.#kept, store: this.#store.call };
    this.incoming = new Incoming({
      ...{ ...opening, wall: deps.wall, hasRoom },
      tell: (event) => {
        this.#inbox += 1;
        tell(event);
      },
    });
  }

  /** What the store had when the node began: before anything else. */
  restore(now: Millis, found: MessagesFound): void {
    this.#inbox = found.inbox;
    for (const contact of found.contacts) this.#contacts.set(contact.address, contact);
    this.#prekeys.restore(found.prekeys);
    for (const chain of found.chains) this.#chains.restore(chain);
    for (const { tag, ackKey, until } of found.proofs) this.#kept.keep(Uint8Array.fromHex(tag), ackKey, until);
    for (const { size, ...facts } of found.custody)
      this.#custody.add(now, { ...facts, tag: facts.tag, priority: facts.priority } as never, size, "untried");
    for (const { size, proved, ...facts } of found.outbox) {
      this.#accepting.restore(size);
      const sealed = found.sealed.filter(({ id }) => id === facts.id).map((row) => ({ sealed: row, size: row.size }));
      this.#outgoing.restore(now, facts, { size, proved, sealed });
    }
  }

  /** What a message is known by from here on, or why it is not taken. It is durable when `accepted` is told. */
  accept(now: Millis, order: MessageOrder): { readonly id: string } | AcceptRefusal {
    const { to, port, priority, content } = order;
    const { calendar, crypto, address, wall } = this.#deps;
    if (to === address) return { kind: "to-itself" };
    const acceptance = this.#accepting.offer(content.length, priority);
    if (acceptance.kind === "waiting") return { kind: "full", octets: content.length, limit: 0 };
    if (acceptance.kind !== "accepted") return acceptance;
    const id = crypto.random(idLength).toHex();
    const life = millis(Math.min(order.life, this.#config.longestLife));
    const facts: StoredMessage = {
      ...{ id, contact: to, port, priority, until: calendar.after(now, life) },
      ...{ accepted: wall(now), chunks: chunksOf(content.length) },
    };
    this.#store.call({ kind: "accept", message: facts, content }, (_, end) => {
      if (end === "durable") this.#outgoing.accepted(facts, content);
      else this.#accepting.release(content.length);
      this.#tell(end === "durable" ? { kind: "accepted", id } : { kind: "refused", id });
    });
    return { id };
  }

  /** An own message is not to be delivered any more. False: there is none. */
  withdraw(id: string): boolean {
    const message = this.#outgoing.withdraw(id);
    if (message !== undefined) this.#accepting.release(message.size);
    return message !== undefined;
  }

  /** The application has it. */
  take(number: number, then: (isThere: boolean) => void): void {
    this.#store.call({ kind: "take", number }, (_, end, outcome) => {
      const isThere = end === "durable" && outcome?.kind === "done";
      if (isThere) this.#inbox = Math.max(0, this.#inbox - 1);
      then(isThere);
    });
  }

  putContact(contact: StoredContact): void {
    this.#contacts.set(contact.address, contact);
    this.#store.call({ kind: "contact-put", contact });
  }

  removeContact(address: MeshAddress): boolean {
    if (!this.#contacts.delete(address)) return false;
    this.#store.call({ kind: "contact-remove", address });
    return true;
  }

  get contacts(): ReadonlyMap<MeshAddress, StoredContact> {
    return this.#contacts;
  }

  get outgoing(): Pick<Outgoing, "all" | "get" | "size"> {
    return this.#outgoing;
  }

  get custody(): Pick<Custody, "size" | "octets"> {
    return this.#custody;
  }

  get accepted(): Pick<Accepting, "octets"> {
    return this.#accepting;
  }

  get inbox(): number {
    return this.#inbox;
  }

  /** What became of envelopes and messages, by name. */
  counts(): Readonly<Record<string, number>> {
    const { passed, arrived, kept, given, proofsPassed, proofsUnknown, lowered, dropped, ended } = this.tally;
    return {
      ...{ passed, arrived, kept, given, proofsPassed, proofsUnknown, lowered, repeated: this.incoming.repeated },
      ...counted("dropped", dropped),
      ...counted("refused", this.incoming.dropped),
      ...counted("ended", ended),
    };
  }

  receive(now: Millis, neighbour: Neighbour, frame: MessageFrame | DepositFrame | ProofFrame): void {
    switch (frame.type) {
      case "message":
        if (this.#relaying.pass(now, neighbour, frame) === "here")
          this.incoming.receive(now, neighbour, frame.envelope);
        return;
      case "deposit":
        if (this.#relaying.deposit(now, neighbour, frame) === "here")
          this.incoming.receive(now, neighbour, frame.envelope);
        return;
      case "proof":
        this.#proofs.receive(now, neighbour.link, frame);
        return;
    }
  }

  linkDown(link: LinkId): void {
    this.#relaying.linkDown(link);
    this.#spraying.linkDown(link);
  }

  /** A neighbour has announced what he can do. */
  neighbourTold(now: Millis, { link, facts }: Neighbour, capabilities: number): void {
    if ((capabilities & capability.store) !== 0) this.#spraying.linkUp(now, link, facts);
  }

  /** There is a way to it that was not there before. */
  wayUp(now: Millis, { address }: Route): void {
    this.#custody.wayUp(now, address);
    this.#outgoing.wayUp(address);
  }

  /** Nobody knows of him any more. */
  forgotten(address: MeshAddress): void {
    this.#custody.forgets(address);
  }

  written(now: Millis, call: number, answer: StoreAnswer): void {
    this.#store.written(now, call, answer);
  }

  answered(now: Millis, call: number, reading: StoreReading<StoreReply[StoreQuestion["kind"]]>): void {
    this.#store.answered(now, call, reading);
  }

  get deadline(): Millis {
    const times = [this.#custody.deadline, this.#proofs.deadline, this.#spraying.deadline, this.#outgoing.deadline];
    return millis(Math.min(this.#tidyAt, ...times.filter((time) => time !== undefined)));
  }

  expire(now: Millis): void {
    this.#custody.expire(now);
    this.#proofs.expire(now);
    this.#outgoing.expire(now);
    if (now >= this.#tidyAt) this.#tidy(now);
  }

  /** At the end of each turn. */
  flush(now: Millis): void {
    this.#outgoing.work(now);
    this.#spraying.work(now);
    this.#reads.flush();
    this.#proofs.flush();
    this.#store.flush();
  }

  #onProof(now: Millis, tag: Uint8Array, ackKey: Uint8Array) {
    this.#outgoing.proved(now, tagName(tag));
    return this.#custody.proved(tag, ackKey);
  }

  #onOutgoing(event: OutgoingEvent): void {
    if (event.kind === "progress") {
      this.#tell(event);
      return;
    }
    this.#accepting.release(event.size);
    this.#tell({ kind: event.kind, id: event.message.id });
  }

  /** As he announced himself, or as he is known from before. */
  #correspondent(address: MeshAddress): Correspondent | undefined {
    const announce = this.#deps.routes.get(address)?.announce;
    if (announce !== undefined) return { address, key: announce.key, prekey: announce.prekey };
    const contact = this.#contacts.get(address);
    return contact && { address, key: contact.key, prekey: undefined };
  }

  #readEnvelopes(tags: readonly string[]): void {
    this.#store.read({ kind: "envelopes", tags }, (now, reading) => {
      const found =
        reading.kind === "read" ? new Map(reading.value.map(({ tag, envelope }) => [tag, envelope])) : undefined;
      this.#reads.answered(now, tags, found);
    });
  }

  #tidy(now: Millis): void {
    this.#tidyAt = millis(now + tidyEvery);
    const at = this.#deps.calendar.at(now);
    this.#chains.expire(at);
    for (const id of this.#prekeys.expire(at)) this.#store.call({ kind: "prekey-forget", id });
    const { due } = this.#prekeys;
    if (due === undefined || due <= at) {
      const made = this.#prekeys.renew(at);
      for (const [index, prekey] of made.entries())
        this.#store.call({ kind: "prekey-put", prekey }, (later, end) => {
          if (end === "durable" && index === made.length - 1) this.#prekeyKept(later);
        });
    } else this.#prekeyKept(now);
    this.#store.call({ kind: "expire", now: at });
  }

  #prekeyKept(now: Millis): void {
    const before = this.#prekeys.announced;
    this.#prekeys.kept();
    const { announced } = this.#prekeys;
    if (announced !== undefined && (announced !== before || this.#isFirst)) this.#deps.onPrekey(now, announced);
    this.#isFirst = false;
  }

  #isFirst = true;

  #tell(event: MessageEvent): void {
    this.#deps.emit({ kind: "message", event });
  }
}

function counted(what: string, counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].map(([name, count]) => [`${what}: ${name}`, count]));
}
