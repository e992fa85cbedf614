/**
 * Messages as an application has them: sent for good once they are accepted, delivered once, and the proof that they were. Everything that must
 * last is in the store before it is said to be done.
 */
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import type { Clock } from "@ropewalk/kernel/clock";
import { Listeners } from "@ropewalk/kernel/listeners";
import type { Millis } from "@ropewalk/kernel/units";
import { Broadcasts } from "./broadcasts.ts";
import type { MeshError } from "./errors.ts";
import { readFound } from "./found-messages.ts";
import type { StoreEvent } from "./io/store/store-messages.ts";
import { MessageStore } from "./io/store/store-thread.ts";
import { createMessageCrypto } from "./message-crypto.ts";
import { type OutboxStatus, outboxStatus } from "./outbox-status.ts";
import type { MeshAddress } from "./pure/mesh-address.ts";
import type { MessageDesk } from "./pure/messages/message-desk.ts";
import type { MessagesConfig, MessagesMaking } from "./pure/messages/message-desk-terms.ts";
import type { AcceptRefusal, MessageEvent, MessageOrder, MessagesFound } from "./pure/messages/message-terms.ts";
import type { ChangeOutcome } from "./pure/messages/store-call.ts";
import type { StoreOutput } from "./pure/messages/store-groups.ts";
import type { StoredContact, StoreRefusal } from "./pure/messages/store-operations.ts";
import type { InboxRow, StoreReading } from "./pure/messages/store-questions.ts";
import { StoreCalendar } from "./pure/messages/store-time.ts";
import type { Freshness } from "./pure/wire/announce.ts";

export interface MessagesDeps {
  readonly key: SigningKey<"ed25519">;
  readonly clock: Clock;
  readonly onEvent: (event: StoreEvent) => void;
  /** Nothing can be sent or received any more. */
  readonly onDeath: (error: MeshError) => void;
}

export type SendOutcome =
  /** On the disk: it will be delivered, or its life will end. */
  | { readonly kind: "accepted"; readonly id: string }
  | { readonly kind: "refused"; readonly why: AcceptRefusal | StoreSendRefusal | { readonly kind: "closed" } };

/** The store could not take it: its disk is behind, full or failing. */
export interface StoreSendRefusal {
  readonly kind: "store";
  readonly reason: StoreRefusal;
}

/** How a message of this node's own has ended. */
export type DeliveryOutcome = { readonly kind: "delivered" | "expired" | "withdrawn" | "unknown" | "closed" };

export interface MessagesStatus {
  /** `octets`: also of what came in part. */
  readonly inbox: { readonly messages: number; readonly octets: number };
  readonly outbox: { readonly messages: number; readonly octets: number };
  readonly custody: { readonly envelopes: number; readonly octets: number };
  readonly counts: Readonly<Record<string, number>>;
}

type Refused = Extract<ChangeOutcome, { readonly kind: "refused" }>;

/** Does something with the node's messages, and what follows from it; undefined: the node is over. */
export type WithDesk = <T>(act: (now: Millis, desk: MessageDesk) => T) => T | undefined;

export class Messages implements AsyncDisposable {
  /** For the node. */
  readonly making: MessagesMaking;
  readonly broadcasts: Broadcasts;
  readonly #store: MessageStore;
  readonly #clock: Clock;
  readonly #found: MessagesFound;
  readonly #listeners = new Listeners<[MessageEvent]>();
  /** By id. */
  readonly #withdrawn = new Listeners<[string]>();
  /** Who waits until one is on the disk, by its id: as many as are to be stored. */
  readonly #sending = new Map<string, (outcome: SendOutcome) => void>();
  /** Who waits until a change is. */
  readonly #changing = new Set<(outcome: Refused) => void>();
  /** For who asks for something; nobody, once it ends. */
  #with: WithDesk = () => undefined;
  /** For what the store has done; until the node is over. */
  #told: WithDesk = () => undefined;

  /** Throws MeshError: MESH_STORE, MESH_STORE_HELD. */
  static async open(path: string, config: MessagesConfig, deps: MessagesDeps): Promise<Messages> {
    const { clock, onEvent, onDeath } = deps;
    const store = await MessageStore.open({ path }, { clock, onEvent, onDeath });
    try {
      return new Messages(store, config, deps, await readFound(store));
    } catch (error) {
      await store[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(store: MessageStore, config: MessagesConfig, { key, clock }: MessagesDeps, found: MessagesFound) {
    this.#store = store;
    this.#clock = clock;
    this.#found = found;
    const [now, wall] = [clock.now(), clock.wall()];
    const calendar = new StoreCalendar({ now, wall, last: store.opened.lastTime });
    this.making = {
      ...{ config, now, calendar, crypto: createMessageCrypto(key) },
      wall: (later) => Math.floor((wall + later - now) / 1000),
    };
    const { crypto } = this.making;
    this.broadcasts = new Broadcasts({
      store,
      crypto,
      withDesk: (act) => this.#with(act),
      change: (act) => this.#change(act),
    });
  }

  /** How the store was found. */
  get found(): MessageStore["opened"] {
    return this.#store.opened;
  }

  /** The node is there: from here on messages go. */
  begin(withDesk: WithDesk): void {
    this.#with = withDesk;
    this.#told = withDesk;
    withDesk((now, desk) => desk.restore(now, this.#found));
  }

  /** What the node asks for. */
  perform(output: StoreOutput | { readonly kind: "message"; readonly event: MessageEvent }): void {
    switch (output.kind) {
      case "write":
        void this.#store.write(output.operations).then((answer) => {
          this.#told((now, desk) => desk.written(now, output.call, answer));
        });
        return;
      case "read":
        void this.#store.read(output.question).then((reading) => {
          this.#told((now, desk) => desk.answered(now, output.call, reading));
        });
        return;
      case "message":
        this.#onMessage(output.event);
        return;
    }
  }

  subscribe(listener: (event: MessageEvent) => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** Settles once it is on the disk, or is refused. Never rejects. */
  send(order: MessageOrder): Promise<SendOutcome> {
    const { promise, resolve } = Promise.withResolvers<SendOutcome>();
    const taken = this.#with((now, desk) => desk.accept(now, order));
    if (taken === undefined) resolve({ kind: "refused", why: { kind: "closed" } });
    else if ("kind" in taken) resolve({ kind: "refused", why: taken });
    else this.#sending.set(taken.id, resolve);
    return promise;
  }

  /** Settles when it is delivered or has ended, or after `within` with undefined. Never rejects. */
  async delivery(id: string, within: Millis, signal?: AbortSignal): Promise<DeliveryOutcome | undefined> {
    const { promise, resolve } = Promise.withResolvers<DeliveryOutcome | undefined>();
    using _heard = this.subscribe((event) => {
      if ((event.kind === "delivered" || event.kind === "expired") && event.id === id) resolve({ kind: event.kind });
    });
    using _given = this.#withdrawn.add((withdrawn) => {
      if (withdrawn === id) resolve({ kind: "withdrawn" });
    });
    using _limit = this.#clock.after("delivery of a message", within, () => resolve(undefined));
    const stop = () => resolve(undefined);
    signal?.addEventListener("abort", stop, { once: true });
    const isOpen = this.#with((_now, desk) => desk.outgoing.get(id) !== undefined);
    if (isOpen !== true) resolve({ kind: isOpen === undefined ? "closed" : "unknown" });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** What came and was not taken, from behind the number `after`. Never rejects. */
  async inbox(after: number, most: number, port?: number): Promise<StoreReading<readonly InboxRow[]>> {
    const reading = await this.#store.read({ kind: "inbox", after, most, port });
    return reading.kind === "unread" ? reading : { kind: "read", value: reading.value.rows };
  }

  /** The application has it for good: it goes from the inbox, and never comes again. Never rejects. */
  take(number: number): Promise<ChangeOutcome> {
    return this.#change((desk, then) => desk.take(number, then));
  }

  /** Gives up one that is not delivered; what is under way may arrive nevertheless. Never rejects. */
  async withdraw(id: string): Promise<ChangeOutcome> {
    const outcome = await this.#change((desk, then) => desk.withdraw(id, then));
    if (outcome.kind === "done") this.#withdrawn.emit(id);
    return outcome;
  }

  outbox(): readonly OutboxStatus[] {
    const { calendar } = this.making;
    const status = (now: Millis, desk: MessageDesk) =>
      [...desk.outgoing.all()].map((message) => outboxStatus(message, calendar.left(now, message.facts.until)));
    return this.#with(status) ?? [];
  }

  contacts(): readonly StoredContact[] {
    return this.#with((_, desk) => [...desk.keys.contacts.all.values()]) ?? [];
  }

  /** Takes the place of what was known of him. Never rejects. */
  putContact(contact: StoredContact): Promise<ChangeOutcome> {
    return this.#change((desk, then) => desk.keys.contacts.put(contact, then));
  }

  /** Never rejects. */
  removeContact(address: MeshAddress): Promise<ChangeOutcome> {
    return this.#change((desk, then) => desk.keys.contacts.remove(address, then));
  }

  /** The node's next number, for something else that it signs; undefined: the node is over. */
  takeNumber(): Freshness | undefined {
    return this.#with((_, desk) => desk.takeNumber());
  }

  status(): MessagesStatus | undefined {
    return this.#with((_, desk) => ({
      inbox: { messages: desk.inbox.messages, octets: desk.inbox.octets },
      outbox: { messages: desk.outgoing.size, octets: desk.accepted.octets },
      custody: { envelopes: desk.custody.size, octets: desk.custody.octets },
      counts: desk.counts(),
    }));
  }

  /** What was asked for is written first, and who asked is told; nothing more can be asked for. The node is over behind it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#with = () => undefined;
    await this.#store[Symbol.asyncDispose]();
    // Only where the store's thread died or was too slow, and whether those are on the disk nobody can say then.
    for (const resolve of this.#sending.values()) resolve({ kind: "refused", why: { kind: "closed" } });
    this.#sending.clear();
    for (const resolve of [...this.#changing]) resolve({ kind: "refused", reason: "closed" });
  }

  /** Settles once it is on the disk, or is refused. */
  #change<Outcome = ChangeOutcome>(
    act: (desk: MessageDesk, then: (outcome: Outcome | ChangeOutcome) => void) => void,
  ): Promise<Outcome | ChangeOutcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome | ChangeOutcome>();
    const settle = (outcome: Outcome | ChangeOutcome) => {
      this.#changing.delete(settle);
      resolve(outcome);
    };
    this.#changing.add(settle);
    const isAsked = this.#with((_, desk) => {
      act(desk, settle);
      return true;
    });
    if (isAsked === undefined) settle({ kind: "refused", reason: "closed" });
    return promise;
  }

  #onMessage(event: MessageEvent): void {
    if (event.kind === "accepted") this.#sent(event.id, event);
    else if (event.kind === "refused")
      this.#sent(event.id, { kind: "refused", why: { kind: "store", reason: event.reason } });
    this.#listeners.emit(event);
  }

  #sent(id: string, outcome: SendOutcome): void {
    this.#sending.get(id)?.(outcome);
    this.#sending.delete(id);
  }
}
