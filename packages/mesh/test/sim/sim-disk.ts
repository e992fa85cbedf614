/**
 * The store of a simulated node: what was committed outlives the node, and what was not is gone with it. It keeps what store-operations.ts says,
 * and counts what it put into the inbox.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { InboxFacts } from "@ropewalk/mesh/pure/messages/inbox-room";
import type { MessagesFound } from "@ropewalk/mesh/pure/messages/message-terms";
import type {
  HearOperation,
  ReceiveOperation,
  StoredBroadcast,
  StoredChain,
  StoredChannel,
  StoredContact,
  StoredCustody,
  StoredMessage,
  StoredPrekey,
  StoredProof,
  StoredSealed,
  StoreOperation,
  StoreOutcome,
} from "@ropewalk/mesh/pure/messages/store-operations";
import type { StoreQuestion, StoreReply } from "@ropewalk/mesh/pure/messages/store-questions";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";

const done: StoreOutcome = { kind: "done" };
const absent: StoreOutcome = { kind: "absent" };
const nothing = { outbox: 0, custody: 0, proofs: 0, parts: 0, seen: 0, chains: 0, prekeys: 0 };

export class SimDisk {
  readonly outbox: Map<string, OutboxRow> = new Map();
  readonly sealed: Map<string, { readonly sealed: StoredSealed; readonly envelope: Uint8Array }> = new Map();
  readonly custody: Map<string, { readonly custody: StoredCustody; readonly envelope: Uint8Array }> = new Map();
  /** How often a message has come into the inbox, by its id. */
  readonly received: Map<string, number> = new Map();
  /** As far as it had come. */
  lastTime: StoreTime = 0 as StoreTime;
  readonly #contacts = new Map<MeshAddress, StoredContact>();
  readonly #prekeys = new Map<number, StoredPrekey>();
  readonly #seen = new Map<string, StoreTime>();
  /** Of messages of several, how many have come. */
  readonly #parts = new Map<string, number>();
  readonly #chains = new Map<string, StoredChain>();
  readonly #proofs = new Map<string, StoredProof>();
  readonly #inbox = new Map<number, InboxFacts>();
  readonly #channels = new Map<string, StoredChannel>();
  readonly #origins = new Map<MeshAddress, Uint8Array>();
  /** Broadcasts that were heard, in their order, and ids of those of channels. */
  readonly heard: StoredBroadcast[] = [];
  readonly #heardIds = new Set<string>();
  #lastRow = 0;

  /** What a backup has of it. */
  copy(): SimDisk {
    const copy = new SimDisk();
    for (const [id, row] of this.outbox) copy.outbox.set(id, { ...row, proved: new Set(row.proved) });
    for (const [from, to] of [
      [this.sealed, copy.sealed],
      [this.custody, copy.custody],
      [this.received, copy.received],
      [this.#contacts, copy.#contacts],
      [this.#prekeys, copy.#prekeys],
      [this.#seen, copy.#seen],
      [this.#parts, copy.#parts],
      [this.#chains, copy.#chains],
      [this.#proofs, copy.#proofs],
      [this.#inbox, copy.#inbox],
    ] as readonly (readonly [Map<unknown, unknown>, Map<unknown, unknown>])[])
      for (const [key, value] of from) to.set(key, value);
    copy.lastTime = this.lastTime;
    copy.#lastRow = this.#lastRow;
    return copy;
  }

  /** As a start finds it. */
  found(): MessagesFound {
    const sized = <T>(facts: T, { length: size }: Uint8Array) => ({ ...facts, size });
    return {
      inbox: [...this.#inbox.values()],
      parts: [],
      contacts: [...this.#contacts.values()],
      prekeys: [...this.#prekeys.values()],
      chains: [...this.#chains.values()],
      proofs: [...this.#proofs.values()],
      custody: [...this.custody.values()].map(({ custody, envelope }) => sized(custody, envelope)),
      outbox: [...this.outbox.values()].map(({ message, content, proved }) => {
        return { ...sized(message, content), proved: [...proved] };
      }),
      sealed: [...this.sealed.values()].map(({ sealed, envelope }) => sized(sealed, envelope)),
      channels: [...this.#channels.values()],
      origins: [...this.#origins].map(([address, heard]) => ({ address, heard })),
    };
  }

  perform(operation: StoreOperation): StoreOutcome {
    switch (operation.kind) {
      case "accept": {
        const { message, content } = operation;
        this.outbox.set(message.id, { message, content, proved: new Set() });
        return done;
      }
      case "sealed":
        if (!this.outbox.has(operation.sealed.id)) return absent;
        this.sealed.set(operation.sealed.tag, operation);
        return done;
      case "proved":
        return this.#prove(operation.id, operation.chunk);
      case "withdraw":
        return this.#end(operation.id);
      case "receive":
        return this.#receive(operation);
      case "take":
        return this.#take(operation.number);
      case "hear":
        return this.#hear(operation);
      case "broadcast-take":
        return absent;
      case "custody-put":
        this.custody.set(operation.custody.name, operation);
        return done;
      case "custody-change": {
        const held = this.custody.get(operation.name);
        if (held === undefined) return absent;
        const { to, copies } = operation;
        this.custody.set(operation.name, { ...held, custody: { ...held.custody, to, copies } });
        return done;
      }
      case "custody-remove":
        return this.custody.delete(operation.name) ? done : absent;
      case "expire":
        return this.#expire(operation.now);
      default:
        return this.#keep(operation);
    }
  }

  answer(question: StoreQuestion): StoreReply[StoreQuestion["kind"]] {
    switch (question.kind) {
      case "envelopes":
        return question.names.flatMap((name) => {
          const envelope = (this.custody.get(name) ?? this.sealed.get(name.slice(0, 16)))?.envelope;
          return envelope === undefined ? [] : [{ name, envelope: envelope.slice() }];
        });
      case "content": {
        const { id, offset, length } = question;
        return this.outbox.get(id)?.content.slice(offset, offset + length);
      }
      default:
        throw new InternalError(`a node asks its store for no ${question.kind}`);
    }
  }

  /** What is small, and goes by its key. */
  #keep(operation: Exclude<StoreOperation, { readonly kind: Performed }>): StoreOutcome {
    switch (operation.kind) {
      case "contact-put":
        this.#contacts.set(operation.contact.address, operation.contact);
        return done;
      case "contact-remove":
        return this.#contacts.delete(operation.address) ? done : absent;
      case "prekey-put":
        this.#prekeys.set(operation.prekey.id, operation.prekey);
        return done;
      case "prekey-forget":
        return this.#prekeys.delete(operation.id) ? done : absent;
      case "chain-put":
        this.#chains.set(chainName(operation.chain), operation.chain);
        return done;
      case "chain-forget":
        return this.#chains.delete(chainName(operation)) ? done : absent;
      case "give-up":
        return done;
      case "proof-keep":
        this.#proofs.set(operation.proof.tag, operation.proof);
        return done;
      case "channel-put":
        this.#channels.set(operation.channel.name, operation.channel);
        return done;
      case "channel-remove":
        return this.#channels.delete(operation.name) ? done : absent;
      case "origin-forget":
        return this.#origins.delete(operation.address) ? done : absent;
    }
  }

  #prove(id: string, chunk: number): StoreOutcome {
    const row = this.outbox.get(id);
    if (row === undefined) return absent;
    row.proved.add(chunk);
    if (row.proved.size === row.message.chunks) return this.#end(id);
    for (const [tag, { sealed }] of this.sealed)
      if (sealed.id === id && sealed.chunk === chunk) this.sealed.delete(tag);
    return done;
  }

  #take(number: number): StoreOutcome {
    const facts = this.#inbox.get(number);
    return facts !== undefined && this.#inbox.delete(number) ? { kind: "taken", ...facts } : absent;
  }

  #end(id: string): StoreOutcome {
    for (const [tag, { sealed }] of this.sealed) if (sealed.id === id) this.sealed.delete(tag);
    return this.outbox.delete(id) ? done : absent;
  }

  #receive({ sender, id, chunk, received, until, chain, proof }: ReceiveOperation): StoreOutcome {
    if (chain !== undefined) this.#chains.set(chainName(chain), chain);
    const what = this.#proofs.has(proof.tag) ? "envelope" : "content";
    this.#proofs.set(proof.tag, proof);
    const name = `${sender} ${id} ${chunk}`;
    const isRepeated = this.#seen.has(name);
    this.#seen.set(name, until);
    if (isRepeated) return { kind: "repeated", what };
    if (received.kind === "part") {
      const message = `${sender} ${id}`;
      const parts = (this.#parts.get(message) ?? 0) + 1;
      this.#parts.set(message, parts);
      if (parts < received.count) return done;
    }
    this.received.set(id, (this.received.get(id) ?? 0) + 1);
    this.#lastRow += 1;
    this.#inbox.set(this.#lastRow, { sender, size: received.kind === "nothing" ? 0 : received.octets.length });
    return { kind: "delivered", number: this.#lastRow };
  }

  #hear({ broadcast, once }: HearOperation): StoreOutcome {
    if (once.kind === "origin") this.#origins.set(once.address, once.heard);
    else {
      const name = `${once.channel.toHex()} ${broadcast.id}`;
      if (this.#heardIds.has(name)) return { kind: "repeated", what: "content" };
      this.#heardIds.add(name);
    }
    this.heard.push(broadcast);
    return { kind: "delivered", number: this.heard.length };
  }

  #expire(now: StoreTime): StoreOutcome {
    this.lastTime = now;
    for (const [tag, { custody }] of this.custody) if (custody.until <= now) this.custody.delete(tag);
    for (const [tag, { until }] of this.#proofs) if (until <= now) this.#proofs.delete(tag);
    for (const { message } of this.outbox.values()) if (message.until <= now) this.#end(message.id);
    return { kind: "expired", rows: nothing, isMore: false };
  }
}

interface OutboxRow {
  readonly message: StoredMessage;
  readonly content: Uint8Array;
  /** Its parts that were. */
  readonly proved: Set<number>;
}

type Performed =
  | "accept"
  | "sealed"
  | "proved"
  | "withdraw"
  | "receive"
  | "take"
  | "hear"
  | "broadcast-take"
  | "custody-put"
  | "custody-change"
  | "custody-remove"
  | "expire";

function chainName({ sender, opening }: Pick<StoredChain, "sender" | "opening">): string {
  return `${sender} ${opening.toHex()}`;
}
