/**
 * The outgoing direction of a stream: octets are kept from when they are written until the peer has them, and are sent as far as
 * the peer lets. Nothing is ever discarded: whoever writes asks for `room` first. The end (FIN) counts as one octet more.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Draft } from "./draft.ts";

/** Up to this length, octets that are written are copied; longer ones are kept where they are, and belong to the stream. */
export const copiedLength = 4096;
const smallestBlock = 256;
const largestBlock = 16_384;
/** A block that an idle stream may go on holding. */
const idleBlock = 4096;
/** So many chunks that the peer has are let go of one by one before the list is moved. */
const movedAfter = 64;
const nothing = new Uint8Array();

/** Octets that were written, and that the stream has no use for any more: whoever lent them may use their memory again. */
export type Release = (octets: Uint8Array) => void;

export class SendHalf {
  /** What the peer may not have yet: from `#first`, which begins at `#base`. */
  readonly #chunks: Uint8Array[] = [];
  #first = 0;
  #base = 0;
  /** What is sent next: the chunk, and where it begins. */
  #next = 0;
  #nextAt = 0;
  #sent = 0;
  /** Of what is sent next, up to here copies went ahead. */
  #copied = 0;
  /** On any lane: the peer may have what is about to be sent again. */
  #everSent = 0;
  #acknowledged = 0;
  #written = 0;
  #limit: number;
  /** Octets that it may keep at most, whatever the peer allows. */
  readonly #most: number;
  readonly #release: Release;
  #isFinished = false;
  #isEndSent = false;
  #isEndTaken = false;
  /** Where small writes gather, one behind the other: from here to there, they are no chunk yet. */
  #block = nothing;
  #gatheredFrom = 0;
  #gatheredTo = 0;

  constructor(limit: number, most: number, release: Release = () => {}) {
    this.#limit = limit;
    this.#most = most;
    this.#release = release;
  }

  /** Octets that may be written now. */
  get room(): number {
    if (this.#isFinished) return 0;
    return Math.max(0, Math.min(this.#limit - this.#written, this.#most - this.#written + this.#acknowledged));
  }

  /** Whether nothing more will be written. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Octets that can be sent now. */
  get pending(): number {
    return this.#written - this.#sent;
  }

  /** The offset of what is sent next. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether there is something to send: octets, or the end. */
  get isReady(): boolean {
    return this.#written > this.#sent || this.isEndDue;
  }

  get isEndDue(): boolean {
    return this.#isFinished && !this.#isEndSent && this.#sent === this.#written;
  }

  /** Octets behind `received` that are kept and were sent on some lane. */
  sentBeyond(received: number): number {
    return Math.max(0, Math.min(this.#everSent, this.#written) - Math.max(received, this.#acknowledged));
  }

  /** Whether everything, the end included, was sent on some lane. */
  get wasEndSent(): boolean {
    return this.#everSent > this.#written;
  }

  /** Whether the peer has everything, the end included. */
  get isTaken(): boolean {
    return this.#isEndTaken;
  }

  /** Octets, and the end, that the peer may not have yet. */
  get kept(): number {
    return this.#written - this.#acknowledged + (this.#isFinished && !this.#isEndTaken ? 1 : 0);
  }

  /** Octets that were written. */
  get written(): number {
    return this.#written;
  }

  write(octets: Uint8Array): void {
    if (octets.length > this.room) throw new InternalError("more was written to a stream than it has room for");
    if (octets.length > copiedLength) {
      this.#seal();
      this.#chunks.push(octets);
    } else {
      this.#gather(octets);
    }
    this.#written += octets.length;
  }

  finish(): void {
    this.#isFinished = true;
  }

  /** The next octets go into the draft: so many as are pending at most. They are sent now. */
  take(length: number, draft: Draft): void {
    this.#seal();
    const end = this.#sent + length;
    while (this.#sent < end) {
      const chunk = this.#chunks[this.#next];
      if (chunk === undefined) throw new InternalError("a stream lost what it had to send");
      const from = this.#sent - this.#nextAt;
      const to = Math.min(chunk.length, end - this.#nextAt);
      draft.add(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
      this.#sent = this.#nextAt + to;
      if (to === chunk.length) this.#advance(chunk);
    }
    if (this.#sent > this.#everSent) this.#everSent = this.#sent;
  }

  /** Where those octets begin of which no copy went ahead. */
  get aheadFrom(): number {
    return Math.max(this.#sent, this.#copied);
  }

  /** The next `length` octets from there go into the draft as copies: they are still to be sent, but the peer may have them by then. */
  copyAhead(length: number, draft: Draft): void {
    this.#seal();
    const [from, to] = [this.aheadFrom, this.aheadFrom + length];
    let begin = this.#nextAt;
    for (let index = this.#next; begin < to; index += 1) {
      const chunk = this.#chunks[index];
      if (chunk === undefined) throw new InternalError("a stream lost what it had to copy");
      if (begin + chunk.length > from) draft.add(chunk.subarray(Math.max(0, from - begin), to - begin));
      begin += chunk.length;
    }
    this.#copied = to;
    this.#everSent = Math.max(this.#everSent, to);
  }

  /** The end is sent now. Its offset is the number of octets before it. */
  takeEnd(): number {
    this.#isEndSent = true;
    this.#everSent = this.#written + 1;
    return this.#written;
  }

  /** The peer lets this end send up to here. False: it is not more than before, and means nothing. */
  allow(limit: number): boolean {
    if (limit <= this.#limit) return false;
    this.#limit = limit;
    return true;
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
    if (octets > this.#acknowledged) {
      this.#acknowledged = octets;
      this.#forget(octets);
    }
    return true;
  }

  /** Everything behind what the peer has is sent again. */
  rewind(): void {
    this.#next = this.#first;
    this.#nextAt = this.#base;
    this.#goTo(this.#acknowledged);
    this.#copied = 0;
    this.#isEndSent = this.#isEndTaken;
  }

  /** Nothing of it is sent any more. */
  discard(): void {
    for (const chunk of this.#chunks) this.#release(chunk);
    this.#chunks.length = 0;
    this.#block = nothing;
    this.#gatheredFrom = this.#gatheredTo = 0;
    this.#first = this.#next = 0;
    this.#acknowledged = this.#sent = this.#base = this.#nextAt = this.#written;
    this.#isFinished = this.#isEndSent = this.#isEndTaken = true;
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
    this.#next += 1;
    this.#nextAt += chunk.length;
  }

  #forget(received: number): void {
    while (this.#first < this.#next) {
      const end = this.#base + (this.#chunks[this.#first]?.length ?? 0);
      if (end > received) break;
      this.#release(this.#chunks[this.#first] ?? nothing);
      this.#chunks[this.#first] = nothing;
      this.#first += 1;
      this.#base = end;
    }
    if (this.#first === this.#chunks.length) this.#clear();
    else if (this.#first >= movedAfter) this.#move();
  }

  /** The peer has every chunk: the list begins anew, and so does the block where nothing has gathered. */
  #clear(): void {
    this.#chunks.length = 0;
    this.#first = this.#next = 0;
    if (this.#gatheredFrom < this.#gatheredTo) return;
    if (this.#block.length > idleBlock) this.#block = nothing;
    this.#gatheredFrom = this.#gatheredTo = 0;
  }

  #move(): void {
    this.#chunks.splice(0, this.#first);
    this.#next -= this.#first;
    this.#first = 0;
  }

  /** Small writes lie behind each other, so that ten thousand of them are not ten thousand chunks. */
  #gather(octets: Uint8Array): void {
    if (this.#gatheredTo + octets.length > this.#block.length) {
      this.#seal();
      const length = Math.min(largestBlock, Math.max(smallestBlock, 4 * this.#block.length));
      this.#block = new Uint8Array(Math.max(octets.length, length));
      this.#gatheredFrom = this.#gatheredTo = 0;
    }
    this.#block.set(octets, this.#gatheredTo);
    this.#gatheredTo += octets.length;
  }

  /** What has gathered is a chunk, which does not grow any more. */
  #seal(): void {
    if (this.#gatheredFrom === this.#gatheredTo) return;
    this.#chunks.push(this.#block.subarray(this.#gatheredFrom, this.#gatheredTo));
    this.#gatheredFrom = this.#gatheredTo;
  }
}
