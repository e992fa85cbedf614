/**
 * Whose octets go next. Streams that have little to send come first, each with that little; those with more take turns, a record
 * each. So nobody waits for a bulk stream longer than for one record, and nobody who sends a little can hold up the bulk.
 */
import { dataHeader, dataHeaderLength, encodeFrame } from "../wire/encode-frame.ts";
import type { Draft } from "./draft.ts";
import { isReady, type Stream } from "./stream.ts";

/** More than this at a time is not little. */
const little = 2048;
/** Below this a bulk stream rather waits for the next record. */
const leastShare = 1024;

export class Turns {
  readonly #small: Stream[] = [];
  readonly #large: Stream[] = [];

  get isEmpty(): boolean {
    return this.#small.length === 0 && this.#large.length === 0;
  }

  /** It has something to send, or has not. */
  note(stream: Stream): void {
    if (stream.turn !== "none" || !isReady(stream)) return;
    stream.turn = stream.send.pending <= little ? "small" : "large";
    (stream.turn === "small" ? this.#small : this.#large).push(stream);
  }

  clear(): void {
    for (const stream of [...this.#small, ...this.#large]) stream.turn = "none";
    this.#small.length = 0;
    this.#large.length = 0;
  }

  /** Up to `most` octets of the streams, and their ends. */
  fill(draft: Draft, most: number): void {
    while (draft.length < most) {
      const stream = this.#small.shift();
      if (stream === undefined) break;
      stream.turn = "none";
      put(draft, stream, little + dataHeaderLength);
      this.note(stream);
    }
    while (most - draft.length >= leastShare || draft.length === 0) {
      const stream = this.#large.shift();
      if (stream === undefined) return;
      stream.turn = "none";
      put(draft, stream, Math.max(leastShare, most - draft.length));
      if (!isReady(stream)) continue;
      stream.turn = "large";
      this.#large.push(stream);
    }
  }
}

function put(draft: Draft, stream: Stream, most: number): void {
  if (!isReady(stream)) return;
  const { id, send } = stream;
  const outgoing = send.take(most - dataHeaderLength);
  if (outgoing !== undefined) {
    draft.add(dataHeader(id, outgoing.offset, outgoing.length));
    for (const part of outgoing.parts) draft.add(part);
  }
  if (send.isEndDue) draft.add(encodeFrame({ type: "fin", stream: id, offset: send.takeEnd() }));
}
