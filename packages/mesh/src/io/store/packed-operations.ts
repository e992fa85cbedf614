/**
 * Operations on their way to the store's thread: their octets are copied, side by side in a few buffers; all else of them never changes. A thread is sent the whole buffer
 * of each view: so neither a small part of a large buffer takes all of it along, nor has each part a buffer of its own.
 */
import type {
  HearOperation,
  ReceivedContent,
  StoredChain,
  StoreOperation,
} from "../../pure/messages/store-operations.ts";

export interface PackedOperations {
  readonly operations: readonly StoreOperation[];
  /** In all. */
  readonly octets: number;
}

const bufferLength = 16_384;

export class OperationPacker {
  #buffer = new Uint8Array(bufferLength);
  #used = 0;
  #octets = 0;

  pack(operations: readonly StoreOperation[]): PackedOperations {
    this.#octets = 0;
    const copies = operations.map((operation) => this.#copy(operation));
    return { operations: copies, octets: this.#octets };
  }

  #copy(operation: StoreOperation): StoreOperation {
    switch (operation.kind) {
      case "receive": {
        const { received, chain, proof } = operation;
        return {
          ...operation,
          received: this.#copyContent(received),
          chain: chain && this.#copyChain(chain),
          proof: { ...proof, ackKey: this.#place(proof.ackKey) },
        };
      }
      case "accept":
        return { ...operation, content: this.#place(operation.content) };
      case "sealed": {
        const { sealed, envelope } = operation;
        const mark = this.#place(sealed.mark);
        return { ...operation, sealed: { ...sealed, mark }, envelope: this.#place(envelope) };
      }
      case "custody-put":
        return { ...operation, envelope: this.#place(operation.envelope) };
      case "proof-keep":
        return { ...operation, proof: { ...operation.proof, ackKey: this.#place(operation.proof.ackKey) } };
      case "chain-put":
        return { ...operation, chain: this.#copyChain(operation.chain) };
      case "chain-forget":
        return { ...operation, opening: this.#place(operation.opening) };
      case "contact-put":
        return { ...operation, contact: { ...operation.contact, key: this.#place(operation.contact.key) } };
      case "prekey-put":
        return { ...operation, prekey: { ...operation.prekey, secret: this.#place(operation.prekey.secret) } };
      case "channel-put":
        return { ...operation, channel: { ...operation.channel, key: this.#place(operation.channel.key) } };
      case "hear":
        return this.#copyHeard(operation);
      case "proved":
      case "withdraw":
      case "give-up":
      case "contact-remove":
      case "prekey-forget":
      case "take":
      case "custody-change":
      case "custody-remove":
      case "channel-remove":
      case "origin-forget":
      case "broadcast-take":
      case "expire":
        return operation;
    }
  }

  #copyHeard(operation: HearOperation): HearOperation {
    const { broadcast, once } = operation;
    return {
      ...operation,
      broadcast: { ...broadcast, octets: this.#place(broadcast.octets) },
      once:
        once.kind === "origin"
          ? { ...once, heard: this.#place(once.heard) }
          : { ...once, channel: this.#place(once.channel) },
    };
  }

  #copyContent(received: ReceivedContent): ReceivedContent {
    return received.kind === "nothing" ? received : { ...received, octets: this.#place(received.octets) };
  }

  #copyChain(chain: StoredChain): StoredChain {
    const { opening, key, seen } = chain;
    return { ...chain, opening: this.#place(opening), key: this.#place(key), seen: this.#place(seen) };
  }

  #place(octets: Uint8Array): Uint8Array {
    this.#octets += octets.length;
    if (octets.length > bufferLength / 4) return new Uint8Array(octets);
    if (this.#used + octets.length > bufferLength) {
      this.#buffer = new Uint8Array(bufferLength);
      this.#used = 0;
    }
    const place = this.#buffer.subarray(this.#used, this.#used + octets.length);
    place.set(octets);
    this.#used += octets.length;
    return place;
  }
}
