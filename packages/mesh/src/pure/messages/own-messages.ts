/**
 * The messages of this node's own that are not delivered yet, and their parts: which wait to be sealed, by contact and priority. Contents are
 * in memory as long as there is room for them, and else in the store.
 */
import type { MeshAddress } from "../mesh-address.ts";
import { chunksOf } from "./chunks.ts";
import { sprayedCopies } from "./own-copies.ts";
import type { StoredMessage } from "./store-operations.ts";
import type { TagName } from "./wire/envelope.ts";

export interface OwnMessage {
  readonly facts: StoredMessage;
  /** Octets of its content. */
  readonly size: number;
  content: Uint8Array | undefined;
  readonly parts: readonly OwnPart[];
  /** Parts that are not proved. */
  left: number;
  state: "open" | "over";
}

/** `waiting`: to be sealed. `reading`: its octets are. `flying`: sent, and in memory alone. `storing`, `stored`: in custody. */
export type PartState = "waiting" | "reading" | "flying" | "storing" | "stored" | "proved";

export interface OwnPart {
  readonly of: OwnMessage;
  readonly index: number;
  state: PartState;
  /** Of all that was sealed of it and may still be proved. */
  readonly tags: Set<TagName>;
  /** How often it was sealed. */
  seals: number;
  /** Of what is sealed of it next, or was last: how many nodes may hold it. */
  copies: number;
}

/** Octets of contents in memory. */
const mostInMemory = 4_194_304;
const priorities = 4;

export class OwnMessages {
  readonly #byId = new Map<string, OwnMessage>();
  /** By contact: parts that wait, in a row for each priority. */
  readonly #waiting = new Map<MeshAddress, OwnPart[][]>();
  #inMemory = 0;

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): OwnMessage | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<OwnMessage> {
    return this.#byId.values();
  }

  /** Contacts for whom something waits to be sealed. */
  contacts(): IterableIterator<MeshAddress> {
    return this.#waiting.keys();
  }

  /** One that is in the store. Its parts wait for nothing before `wait`. `proved`: the indexes of those that are. */
  add(facts: StoredMessage, size: number, content: Uint8Array | undefined, proved: readonly number[]): OwnMessage {
    const isKept = content !== undefined && this.#inMemory + size <= mostInMemory;
    if (isKept) this.#inMemory += size;
    const parts: OwnPart[] = [];
    const left = chunksOf(size) - proved.length;
    const message: OwnMessage = { facts, size, content: isKept ? content : undefined, parts, left, state: "open" };
    for (let index = 0; index < chunksOf(size); index += 1) {
      const state = proved.includes(index) ? "proved" : "stored";
      parts.push({ of: message, index, state, tags: new Set(), seals: 0, copies: sprayedCopies });
    }
    this.#byId.set(facts.id, message);
    return message;
  }

  /** It is to be sealed; one that was before goes first. */
  wait(part: OwnPart, where: "first" | "last"): void {
    const { contact, priority } = part.of.facts;
    const rows = this.#waiting.get(contact) ?? Array.from({ length: priorities }, (): OwnPart[] => []);
    this.#waiting.set(contact, rows);
    part.state = "waiting";
    if (where === "first") rows[priority]?.unshift(part);
    else rows[priority]?.push(part);
  }

  /** The next part for a contact: of the highest priority, and of those the oldest. It stays until it is taken. */
  next(contact: MeshAddress): OwnPart | undefined {
    const rows = this.#waiting.get(contact);
    for (const row of rows?.toReversed() ?? []) {
      while (row[0] !== undefined && row[0].of.state === "over") row.shift();
      if (row[0] !== undefined) return row[0];
    }
    this.#waiting.delete(contact);
    return undefined;
  }

  /** It waits no more. */
  take({ of }: OwnPart): void {
    const { contact, priority } = of.facts;
    this.#waiting.get(contact)?.[priority]?.shift();
  }

  /** It is delivered, or given up. */
  end(message: OwnMessage): void {
    message.state = "over";
    if (message.content !== undefined) this.#inMemory -= message.size;
    message.content = undefined;
    this.#byId.delete(message.facts.id);
  }
}
