/**
 * Operations on their way to the store's thread: copied, their octets side by side in a few buffers. A thread is sent the whole buffer
 * of each view: so neither a small part of a large buffer takes all of it along, nor has each part a buffer of its own.
 */
import type { StoreOperation } from "../../pure/messages/store-operations.ts";

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
    const copies = operations.map((operation) => this.#copy(operation) as StoreOperation);
    return { operations: copies, octets: this.#octets };
  }

  /** Of plain values of few levels. */
  #copy(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Uint8Array) return this.#place(value);
    if (Array.isArray(value)) return value.map((part) => this.#copy(part));
    const copy: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(value)) copy[name] = this.#copy(part);
    return copy;
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
