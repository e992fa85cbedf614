/**
 * Whose octets go next. Streams that have little to send come first, each with that little; those with more take turns, each with as
 * much as a record holds (deficit round robin). So nobody waits for a bulk stream longer than for one record, and those who send a
 * little never have more than half of a record that bulk waits for. What its application has reset takes turns, however little it is:
 * what goes first may be copied to the express lane, and a reset may not, for it would overtake octets there.
 */
import { dataHeader, dataHeaderLength, encodeFrame } from "../wire/encode-frame.ts";
import type { Draft } from "./draft.ts";
import { isReady, isReset, type Stream } from "./stream.ts";
import { StreamQueue } from "./stream-queue.ts";

/** More than this at a time is not little. */
const little = 2048;
/** Below this a bulk stream rather waits for the next record; and so much there is for one in every record. */
const leastShare = 1024;
/** Streams that are looked at for copies that go ahead. */
const mostAhead = 16;

export class Turns {
  readonly #small = new StreamQueue();
  readonly #large = new StreamQueue();
  /** What the first of the large may still send before it is the next one's turn; 0: its turn has not begun. */
  #left = 0;

  get isEmpty(): boolean {
    return this.#small.first === undefined && this.#large.first === undefined;
  }

  /** It has something to send, or has not. */
  note(stream: Stream): void {
    if (stream.turn !== "none" || !isReady(stream)) return;
    stream.turn = stream.send.pending <= little && !isReset(stream) ? "small" : "large";
    (stream.turn === "small" ? this.#small : this.#large).push(stream);
  }

  /** It sends nothing any more. */
  forget(stream: Stream): void {
    if (stream.turn === "none") return;
    if (stream === this.#large.first) this.#left = 0;
    (stream.turn === "small" ? this.#small : this.#large).remove(stream);
    stream.turn = "none";
  }

  /** Octets of the streams, and their ends, up to `most` in all; a little more where the draft has much already. */
  fill(draft: Draft, most: number): void {
    const end = Math.max(most, draft.length + leastShare);
    this.#fillSmall(draft, this.#large.first === undefined ? end : (draft.length + end) / 2);
    draft.endCopied();
    this.#fillLarge(draft, end, most);
  }

  /** Copies of what those have that would come first, were there room: it is sent all the same. */
  copyAhead(draft: Draft): void {
    draft.beginCopied();
    let left = mostAhead;
    for (let stream = this.#small.first; stream !== undefined && left > 0; stream = stream.behind, left -= 1) {
      const { id, send } = stream;
      const [from, length] = [send.aheadFrom, send.written - send.aheadFrom];
      if (length <= 0 || send.pending > little) continue;
      draft.begin(dataHeader(id, from, length));
      send.copyAhead(length, draft);
    }
    draft.endCopied();
  }

  #fillSmall(draft: Draft, end: number): void {
    for (let stream = this.#small.first; stream !== undefined && draft.length < end; stream = this.#small.first) {
      this.forget(stream);
      put(draft, stream, little);
      this.note(stream);
    }
  }

  #fillLarge(draft: Draft, end: number, turn: number): void {
    let isServed = false;
    for (let stream = this.#large.first; stream !== undefined; stream = this.#large.first) {
      const room = end - draft.length - dataHeaderLength;
      if (room < leastShare && isServed) return;
      isServed = true;
      if (this.#left === 0) this.#left = Math.max(leastShare, turn);
      this.#left -= put(draft, stream, Math.min(this.#left, Math.max(leastShare, room)));
      if (this.#left > 0 && isReady(stream)) continue;
      this.forget(stream);
      this.note(stream);
    }
  }
}

/** How many octets of it went. */
function put(draft: Draft, stream: Stream, most: number): number {
  const { id, send, phase } = stream;
  const length = Math.min(most, send.pending);
  if (length > 0) {
    draft.begin(dataHeader(id, send.sent, length));
    send.take(length, draft);
  }
  if (send.isEndDue) draft.begin(encodeFrame({ type: "fin", stream: id, offset: send.takeEnd() }));
  if (phase.kind === "aborting" && !send.isReady) {
    draft.begin(encodeFrame({ type: "reset", stream: id, reason: "aborted" }));
    stream.phase = { ...phase, kind: "resetting", reason: "aborted" };
  }
  return length;
}
