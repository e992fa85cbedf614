/**
 * Which echo requests of a socket still wait for their reply. Bounded: the oldest is forgotten first, and a reply to
 * a forgotten, answered or never sent request is not ours.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";

export class OutstandingEchoes {
  readonly #capacity: number;
  readonly #keys = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(to: IpAddress, sequence: number): void {
    const key = keyOf(to, sequence);
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= this.#capacity) return;
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest);
      return;
    }
  }

  /** True once for each request: the second reply to it is not expected any more. */
  take(from: IpAddress, sequence: number): boolean {
    return this.#keys.delete(keyOf(from, sequence));
  }
}

function keyOf(address: IpAddress, sequence: number): string {
  return `${sequence}/${address}`;
}
