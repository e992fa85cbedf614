/**
 * The outgoing direction of a stream: octets are kept from when they are written until the peer has them, and are sent as far as
 * the peer lets. Nothing is ever discarded: whoever writes asks for `room` first. The end (FIN) counts as one octet more.
 */
import { InternalError } from "@ropewalk/kernel/errors";

/** Up to this length, octets that are written are copied; longer ones are kept where they are, and belong to the stream. */
export const copiedLength = 4096;
const smallestBlock = 256;
const largestBlock = 16_384;

export interface Outgoing {
  readonly offset: number;
  readonly length: number;
  /** One behind the other. */
  readonly parts: readonly Uint8Array[];
}

export class SendHalf {
  /** What the peer may not have yet: the first begins at `#base`. */
  readonly #chunks: Uint8Array[] = [];
  #base = 0;
  /** What is sent next: the chunk, and where it begins. */
  #next = 0;
  #nextAt = 0;
  #sent = 0;
  /** On any lane: the peer may have what is about to be sent again. */
  #everSent = 0;
  #acknowledged = 0;
  #written = 0;
  #limit: number;
  #isFinished = false;
  #isEndSent = false;
  #isEndTaken = false;
  /** Where small writes gather: the last chunk is a view of its beginning. */
  #block: Uint8Array | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Octets that may be written now. */
  get room(): number {
    return this.#isFinished ? 0 : Math.max(0, this.#limit - this.#written);
  }

  /** Whether nothing more will be written. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Octets that can be sent now. */
  get pending(): number {
    return Math.min(this.#written, this.#limit) - this.#sent;
  }

  /** Whether there is something to send: octets, or the end. */
  get isReady(): boolean {
    return this.pending > 0 || this.isEndDue;
  }

  get isEndDue(): boolean {
    return this.#isFinished && !this.#isEndSent && this.#sent === this.#written;
  }

  /** Octets behind `received` that were sent on some lane. */
  sentBeyond(received: number): number {
    return Math.max(0, Math.min(this.#everSent, this.#written) - received);
  }

  /** Whether everything, the end included, was sent on some lane. */
  get wasEndSent(): boolean {
    return this.#everSent > this.#written;
  }

  /** Whether the peer has everything, the end included. */
  get isTaken(): boolean {
    return this.#isEndTaken;
  }

  /** Octets that the peer may not have yet. */
  get kept(): number {
    return this.#written - this.#acknowledged;
  }

  /** Octets that were written. */
  get written(): number {
    return this.#written;
  }

  /** Whether something was sent that the peer may not have. */
  get isOutstanding(): boolean {
    return this.#sent > this.#acknowledged || (this.#isEndSent && !this.#isEndTaken);
  }

  /** Whether the peer has said that it has any of it. */
  get isHeard(): boolean {
    return this.#acknowledged > 0 || this.#isEndTaken;
  }

  write(octets: Uint8Array): void {
    if (octets.length > this.room) throw new InternalError("more was written to a stream than it has room for");
    if (octets.length > copiedLength) {
      this.#chunks.push(octets);
      this.#block = undefined;
    } else {
      this.#gather(octets);
    }
    this.#written += octets.length;
  }

  finish(): void {
    this.#isFinished = true;
  }

  /** The next octets, at most `most`; they are sent now. Undefined when there are none. */
  take(most: number): Outgoing | undefined {
    const length = Math.min(most, this.pending);
    if (length <= 0) return undefined;
    const offset = this.#sent;
    const parts: Uint8Array[] = [];
    while (this.#sent < offset + length) {
      const chunk = this.#chunks[this.#next];
      if (chunk === undefined) throw new InternalError("a stream lost what it had to send");
      const from = this.#sent - this.#nextAt;
      const to = Math.min(chunk.length, from + offset + length - this.#sent);
      parts.push(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
      this.#sent += to - from;
      if (to === chunk.length) this.#advance(chunk);
    }
    this.#everSent = Math.max(this.#everSent, this.#sent);
    return { offset, length, parts };
  }

  /** The end is sent now. Its offset is the number of octets before it. */
  takeEnd(): number {
    this.#isEndSent = true;
    this.#everSent = this.#written + 1;
    return this.#written;
  }

  /** The peer lets this end send up to here; less than before means nothing. */
  allow(limit: number): void {
    this.#limit = Math.max(this.#limit, limit);
  }

  /** The peer has everything before `received`, which counts the end. False: it says to have what was never sent. */
  acknowledge(received: number): boolean {
    if (received > this.#everSent) return false;
    if (received > this.#written) {
      this.#isEndTaken = true;
      this.#isEndSent = true;
    }
    const octets = Math.min(received, this.#written);
    if (octets > this.#sent) this.#goTo(octets);
    this.#acknowledged = Math.max(this.#acknowledged, octets);
    this.#forget(this.#acknowledged);
    return true;
  }

  /** Everything from what the peer has is sent again. False as `acknowledge`. */
  rewind(received: number): boolean {
    if (!this.acknowledge(received)) return false;
    this.#next = 0;
    this.#nextAt = this.#base;
    this.#goTo(this.#acknowledged);
    this.#isEndSent = this.#isEndTaken;
    return true;
  }

  /** What is sent next begins at `offset`; a chunk stays until all of it was acknowledged. */
  #goTo(offset: number): void {
    this.#sent = offset;
    for (let chunk = this.#chunks[this.#next]; chunk !== undefined; chunk = this.#chunks[this.#next]) {
      if (this.#nextAt + chunk.length > offset) return;
      this.#advance(chunk);
    }
  }

  #advance(chunk: Uint8Array): void {
    // The last chunk may grow where it is, but not once it was passed.
    if (chunk === this.#chunks.at(-1)) this.#block = undefined;
    this.#next += 1;
    this.#nextAt += chunk.length;
  }

  #forget(received: number): void {
    let count = 0;
    let base = this.#base;
    for (const chunk of this.#chunks) {
      if (base + chunk.length > received || count === this.#next) break;
      base += chunk.length;
      count += 1;
    }
    if (count === 0) return;
    this.#chunks.splice(0, count);
    this.#next -= count;
    this.#base = base;
  }

  /** Small writes lie behind each other, so that ten thousand of them are not ten thousand chunks. */
  #gather(octets: Uint8Array): void {
    const last = this.#chunks.at(-1);
    const block = this.#block;
    if (last !== undefined && block !== undefined && last.length + octets.length <= block.length) {
      block.set(octets, last.length);
      this.#chunks[this.#chunks.length - 1] = block.subarray(0, last.length + octets.length);
      return;
    }
    const length = Math.min(largestBlock, Math.max(smallestBlock, 4 * (block?.length ?? 0)));
    const fresh = new Uint8Array(Math.max(octets.length, length));
    fresh.set(octets);
    this.#block = fresh;
    this.#chunks.push(fresh.subarray(0, octets.length));
  }
}
