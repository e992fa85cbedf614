/**
 * All that a node does with messages, joined: what comes over links, what applications hand in, what the store answers. It decides nothing
 * itself; who decides what stands in the files that it joins.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { Neighbour } from "../neighbour.ts";
import type { Route } from "../routing/route.ts";
import { capability, type Freshness } from "../wire/announce.ts";
import type { BroadcastFrame, DepositFrame, MeetingFrame, MessageFrame, ProofFrame } from "../wire/link-frame.ts";
import { Accepting } from "./accepting.ts";
import { Broadcasting } from "./broadcasts/broadcasting.ts";
import { Carrying } from "./carrying.ts";
import { chunksOf } from "./chunks.ts";
import type { Custody } from "./custody.ts";
import { Incoming } from "./incoming.ts";
import { Meetings } from "./meetings.ts";
import { messageCounts } from "./message-counts.ts";
import type { MessageDeskDeps, MessagesConfig } from "./message-desk-terms.ts";
import { MessageKeys } from "./message-keys.ts";
import type { AcceptRefusal, MessageEvent, MessageOrder, MessagesFound } from "./message-terms.ts";
import { Outgoing } from "./outgoing.ts";
import type { OutgoingEvent } from "./outgoing-terms.ts";
import { SenderSessions } from "./sealing/sender-sessions.ts";
import { type ChangeOutcome, changeOutcome } from "./store-call.ts";
import { StoreGroups } from "./store-groups.ts";
import type { StoreAnswer, StoredMessage } from "./store-operations.ts";
import type { StoreQuestion, StoreReading, StoreReply } from "./store-questions.ts";
import { tagName } from "./wire/envelope.ts";

type CarriedFrame = MessageFrame | DepositFrame | ProofFrame | MeetingFrame | BroadcastFrame;

const secretLength = 16;
const idLength = 8;

export class MessageDesk {
  readonly keys: MessageKeys;
  readonly broadcasting: Broadcasting;
  readonly #config: MessagesConfig;
  readonly #deps: MessageDeskDeps;
  readonly #store: StoreGroups;
  readonly #accepting: Accepting;
  readonly #outgoing: Outgoing;
  readonly #incoming: Incoming;
  readonly #carrying: Carrying;
  readonly #meetings: Meetings;
  readonly #timed: readonly { readonly deadline: Millis | undefined }[];

  constructor(config: MessagesConfig, deps: MessageDeskDeps, now: Millis) {
    const { crypto, calendar, routes, emit } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#accepting = new Accepting(config.accepting);
    this.#store = new StoreGroups(emit);
    const shared = { ...deps, store: this.#store.call };
    this.keys = new MessageKeys(shared, now);
    const carried = {
      ...{ ...shared, hashKey: crypto.random(secretLength) },
      ask: (names: readonly string[]) => this.#readEnvelopes(names),
      onOwnProof: (later: Millis, tag: Uint8Array) => {
        // Who only passes on has nothing to look for.
        if (this.#outgoing.size > 0) this.#outgoing.proved(later, tagName(tag));
      },
    };
    const { custody, longestLife } = config;
    this.#carrying = new Carrying({ octets: custody, longestLife }, carried, now);
    this.#meetings = new Meetings({ ...shared, carrying: this.#carrying, random: (length) => crypto.random(length) });
    const carrying = this.#carrying;
    const sending = {
      ...{ ...shared, custody: carrying.custody, sessions: new SenderSessions(crypto) },
      isConstrained: config.isConstrained,
      isReachable: (to: MeshAddress) => routes.get(to)?.best !== undefined,
    };
    this.#outgoing = new Outgoing(
      {
        ...sending,
        correspondent: (address) => this.keys.correspondent(address),
        send: (later, to, octets, hop) => carrying.send(later, to, octets, hop) === "gone",
        readContent: ({ id }, range, then) =>
          this.#store.read({ kind: "content", id, ...range }, (later, reading) =>
            then(later, reading.kind === "read" ? reading.value : undefined),
          ),
        tell: (event) => this.#onOutgoing(event),
      },
      now,
    );
    const { isConstrained } = config;
    const tell = (event: MessageEvent) => this.#tell(event);
    this.broadcasting = new Broadcasting({ ...shared, keys: this.keys, isConstrained, tell }, now);
    this.#timed = [this.#carrying, this.#outgoing, this.#meetings, this.broadcasting];
    this.#incoming = new Incoming({
      ...{ ...shared, calendar, carrying, chains: this.keys.chains, stall: longestLife },
      bounds: { messages: config.mostInbox, octets: config.inboxOctets, longest: config.accepting.longest },
      isContact: this.keys.isContact,
      tell: (event) => this.#tell(event),
    });
  }

  /** What the store had when the node began: before anything else. */
  restore(now: Millis, found: MessagesFound): void {
    this.keys.restore(found);
    this.#incoming.restore(found.inbox, found.parts);
    this.broadcasting.restore(now, found.channels, found.origins);
    for (const { tag, ackKey, until } of found.proofs) this.#carrying.keepProof(Uint8Array.fromHex(tag), ackKey, until);
    for (const { size, ...facts } of found.custody) this.#carrying.restore(now, facts, size);
    const sealed = Map.groupBy(found.sealed, ({ id }) => id);
    for (const { size, proved, ...facts } of found.outbox) {
      this.#accepting.restore(size);
      const rows = (sealed.get(facts.id) ?? []).map((row) => ({ sealed: row, size: row.size }));
      this.#outgoing.restore(now, facts, { size, proved, sealed: rows });
    }
  }

  /** What a message is known by from here on, or why it is not taken. It is durable when `accepted` is told. */
  accept(now: Millis, order: MessageOrder): { readonly id: string } | AcceptRefusal {
    const { to, port, priority, content } = order;
    const { calendar, crypto, address, wall } = this.#deps;
    if (to === address) return { kind: "to-itself" };
    const acceptance = this.#accepting.offer(content.length, priority);
    if (acceptance.kind !== "accepted") return acceptance;
    const id = crypto.random(idLength).toHex();
    const life = millis(Math.min(order.life, this.#config.longestLife));
    const facts: StoredMessage = {
      ...{ id, contact: to, port, priority, until: calendar.after(now, life) },
      ...{ accepted: wall(now), chunks: chunksOf(content.length) },
    };
    this.#store.call({ kind: "accept", message: facts, content }, (_, end, result) => {
      const outcome = changeOutcome(end, result);
      if (outcome.kind === "refused") {
        this.#accepting.release(content.length);
        this.#tell({ ...outcome, id });
        return;
      }
      this.#outgoing.accepted(facts, content);
      this.#tell({ kind: "accepted", id });
    });
    return { id };
  }

  /** An own message is not to be delivered any more. */
  withdraw(id: string, then: (outcome: ChangeOutcome) => void): void {
    this.#store.call({ kind: "withdraw", id }, (_, end, result) => {
      const outcome = changeOutcome(end, result);
      // It goes on where the store has it still; and it may have been delivered meanwhile.
      const message = outcome.kind === "refused" ? undefined : this.#outgoing.withdrawn(id);
      if (message !== undefined) this.#accepting.release(message.size);
      then(outcome);
    });
  }

  /** The application has it. */
  take(number: number, then: (outcome: ChangeOutcome) => void): void {
    this.#store.call({ kind: "take", number }, (_, end, result) => {
      const outcome = changeOutcome(end, result);
      if (end === "durable" && result?.kind === "taken") this.#incoming.taken(result);
      then(outcome);
    });
  }

  /** The node's next number, for something else that it signs. */
  takeNumber(): Freshness {
    return this.#deps.takeNumber();
  }

  get outgoing(): Pick<Outgoing, "all" | "get" | "size"> {
    return this.#outgoing;
  }

  get custody(): Pick<Custody, "size" | "octets"> {
    return this.#carrying.custody;
  }

  get accepted(): Pick<Accepting, "octets"> {
    return this.#accepting;
  }

  get inbox(): Pick<Incoming["inbox"], "messages" | "octets"> {
    return this.#incoming.inbox;
  }

  /** What became of envelopes and messages, by name. */
  counts(): Readonly<Record<string, number>> {
    return { ...messageCounts(this.#carrying.tally, this.#incoming), ...this.broadcasting.counts() };
  }

  receive(now: Millis, neighbour: Neighbour, frame: CarriedFrame): void {
    if (frame.type === "broadcast") this.broadcasting.receive(now, neighbour, frame.broadcast);
    else if (frame.type === "meeting") this.#meetings.receive(now, neighbour.link, frame.said);
    else {
      if (frame.type === "deposit") this.#meetings.came(neighbour.link);
      const isHere = this.#carrying.receive(now, neighbour, frame) === "here";
      if (!isHere || frame.type === "proof") return;
      // Who keeps an envelope sends the one copy of it that he has.
      const was = frame.type === "deposit" || frame.envelope.copies === 1 ? "kept" : "direct";
      this.#incoming.receive(now, neighbour, frame.envelope, was);
    }
  }

  linkUp(neighbour: Neighbour): void {
    this.#carrying.linkUp(neighbour);
    this.broadcasting.linkUp(neighbour);
  }

  linkDown(neighbour: Neighbour): void {
    this.#carrying.linkDown(neighbour);
    this.#meetings.linkDown(neighbour.link);
    this.broadcasting.linkDown(neighbour.link);
  }

  /** A neighbour has announced what he can do. */
  neighbourTold(now: Millis, neighbour: Neighbour, capabilities: number): void {
    if ((capabilities & capability.store) === 0) return;
    this.#carrying.keeps(now, neighbour);
    this.#meetings.linkUp(now, neighbour);
  }

  /** There is a way to it that was not there before. */
  wayUp(now: Millis, { address }: Route): void {
    this.#carrying.custody.wayUp(now, address);
    this.#outgoing.wayUp(address);
  }

  /** Nobody knows of him any more. */
  forgotten(address: MeshAddress): void {
    this.#carrying.custody.forgets(address);
  }

  written(now: Millis, call: number, answer: StoreAnswer): void {
    this.#store.written(now, call, answer);
  }

  answered(now: Millis, call: number, reading: StoreReading<StoreReply[StoreQuestion["kind"]]>): void {
    this.#store.answered(now, call, reading);
  }

  get deadline(): Millis {
    let at = this.keys.deadline;
    for (const { deadline } of this.#timed) if (deadline !== undefined && deadline < at) at = deadline;
    return at;
  }

  expire(now: Millis): void {
    this.#outgoing.expire(now);
    this.#meetings.expire(now);
    this.keys.expire(now);
    this.#incoming.expire(now);
  }

  /** At the end of each turn. */
  flush(now: Millis): void {
    this.#outgoing.work(now);
    this.#carrying.flush(now);
    this.broadcasting.flush(now);
    this.#store.flush();
  }

  #onOutgoing(event: OutgoingEvent): void {
    if (event.kind === "progress") {
      this.#tell(event);
      return;
    }
    this.#accepting.release(event.size);
    this.#tell({ kind: event.kind, id: event.message.id });
  }

  #readEnvelopes(names: readonly string[]): void {
    this.#store.read({ kind: "envelopes", names }, (now, reading) => {
      const found =
        reading.kind === "read" ? new Map(reading.value.map(({ name, envelope }) => [name, envelope])) : undefined;
      this.#carrying.answered(now, names, found);
    });
  }

  #tell(event: MessageEvent): void {
    this.#deps.emit({ kind: "message", event });
  }
}
