/** What the store is to do, in the plainest way: a few maps, for short sequences of operations. */
import type {
  ReceiveOperation,
  StoredChain,
  StoredCustody,
  StoredMessage,
  StoredProof,
  StoredSealed,
  StoreOperation,
} from "@ropewalk/mesh/pure/messages/store-operations";
import { time } from "./stores.ts";

interface Ending {
  readonly until: number;
}

export class NaiveStore {
  readonly outbox = new Map<string, StoredMessage & { readonly size: number; proved: readonly number[] }>();
  readonly sealed = new Map<string, StoredSealed & { readonly size: number }>();
  readonly custody = new Map<string, StoredCustody & { readonly size: number }>();
  readonly chains = new Map<string, StoredChain>();
  readonly proofs = new Map<string, StoredProof>();
  /** Contents, as text of hexadecimal digits. */
  readonly inbox: string[] = [];
  readonly #seen = new Map<string, Ending>();
  readonly #parts = new Map<string, Ending & { readonly count: number; readonly octets: Uint8Array }>();

  /** The kind of its outcome. */
  do(operation: StoreOperation): string {
    switch (operation.kind) {
      case "accept": {
        const { message, content } = operation;
        if (this.outbox.has(message.id)) return "repeated";
        this.outbox.set(message.id, { ...message, size: content.length, proved: [] });
        return "done";
      }
      case "sealed": {
        const { sealed, envelope } = operation;
        const message = this.outbox.get(sealed.id);
        if (message === undefined || message.proved.includes(sealed.chunk)) return "absent";
        this.sealed.set(sealed.tag, { ...sealed, size: envelope.length });
        return "done";
      }
      case "proved":
        return this.#prove(operation.id, operation.chunk);
      case "withdraw":
        return this.#remove(operation.id);
      case "receive":
        return this.#receive(operation);
      case "give-up": {
        const message = `${operation.sender} ${operation.id}`;
        for (const name of this.#parts.keys()) if (name.startsWith(message)) this.#parts.delete(name);
        const until = this.#seen.get(`${message} -1`)?.until ?? 0;
        this.#seen.set(`${message} -1`, { until: Math.max(until, operation.until) });
        return "done";
      }
      case "custody-put":
        this.custody.set(operation.custody.name, { ...operation.custody, size: operation.envelope.length });
        return "done";
      case "custody-change": {
        const { name, to, copies } = operation;
        const known = this.custody.get(name);
        if (known === undefined) return "absent";
        this.custody.set(name, { ...known, to, copies });
        return "done";
      }
      case "custody-remove":
        return this.custody.delete(operation.name) ? "done" : "absent";
      case "expire":
        return this.#expire(operation.now);
      default:
        throw new Error(`${operation.kind} is not tried here`);
    }
  }

  #prove(id: string, chunk: number): string {
    const message = this.outbox.get(id);
    if (message === undefined || chunk >= message.chunks) return "absent";
    message.proved = [...new Set([...message.proved, chunk])].toSorted();
    for (const [tag, sealed] of this.sealed) if (sealed.id === id && sealed.chunk === chunk) this.sealed.delete(tag);
    return message.proved.length === message.chunks ? this.#remove(id) : "done";
  }

  #remove(id: string): string {
    for (const [tag, sealed] of this.sealed) if (sealed.id === id) this.sealed.delete(tag);
    return this.outbox.delete(id) ? "done" : "absent";
  }

  #receive({ sender, id, chunk, received, until, chain, proof }: ReceiveOperation): string {
    if (chain !== undefined) this.chains.set(`${chain.sender} ${chain.opening.toHex()}`, chain);
    if (received.kind === "part" && this.#seen.has(`${sender} ${id} -1`)) return "given-up";
    const kept = this.proofs.get(proof.tag)?.until ?? proof.until;
    this.proofs.set(proof.tag, { ...proof, until: time(Math.max(kept, proof.until)) });
    const message = `${sender} ${id}`;
    const seen = this.#seen.get(`${message} ${chunk}`);
    this.#seen.set(`${message} ${chunk}`, { until: Math.max(until, seen?.until ?? 0) });
    if (seen !== undefined) return "repeated";
    if (received.kind === "nothing") return "done";
    if (received.kind === "whole") return this.#deliver(received.octets.toHex());
    this.#parts.set(`${message} ${chunk}`, { count: received.count, octets: received.octets, until });
    const names = Array.from({ length: received.count }, (_, index) => `${message} ${index}`);
    const parts = names.map((name) => this.#parts.get(name)).filter((part) => part?.count === received.count);
    if (parts.length < received.count) return "done";
    for (const name of this.#parts.keys()) if (name.startsWith(message)) this.#parts.delete(name);
    return this.#deliver(parts.map((part) => part?.octets.toHex()).join(""));
  }

  #deliver(content: string): string {
    this.inbox.push(content);
    return "delivered";
  }

  #expire(now: number): string {
    for (const [id, message] of this.outbox) if (message.until <= now) this.#remove(id);
    const others: readonly Map<string, Ending>[] = [this.custody, this.chains, this.proofs, this.#seen, this.#parts];
    for (const map of others) for (const [name, { until }] of map) if (until <= now) map.delete(name);
    return "expired";
  }
}
