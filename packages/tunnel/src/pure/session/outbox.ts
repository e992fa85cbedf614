/**
 * What an end has to say besides octets: frames that are said once and in order, and for each stream at most one credit and one
 * acknowledgement, which are made when they are sent and so say the latest. Acknowledgements wait a little for company.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { encodeFrame } from "../wire/encode-frame.ts";
import type { DataFrame, Frame } from "../wire/frame.ts";
import type { Draft } from "./draft.ts";
import type { Stream } from "./stream.ts";

const acknowledgeWithin: Millis = millis(25);
const atOnce: Millis = millis(0);
/** The peer keeps what is not acknowledged: not more than this for the sake of company. */
const mostUnacknowledged = 262_144;
/** Octets of frames in one record, for octets of streams are to have room too. */
const mostAtOnce = 65_536;

export class Outbox {
  #frames: Uint8Array[] = [];
  /** How many of them are on their way. */
  #said = 0;
  readonly #credits = new Set<Stream>();
  readonly #acknowledgements = new Set<Stream>();
  #acknowledgeAt: Millis | undefined;

  /** Frames that wait, but for credits and acknowledgements. */
  get waiting(): number {
    return this.#frames.length - this.#said;
  }

  say(frame: Exclude<Frame, DataFrame>): void {
    this.#frames.push(encodeFrame(frame));
  }

  /** The stream's limit has grown; whoever is told of it is told what has come, too. */
  credit(stream: Stream): void {
    this.#credits.add(stream);
    if (stream.receive.unacknowledged > 0) this.#acknowledgeBy(atOnce, stream);
  }

  /** Something of the stream has come, be it again: the peer may not know that it had. */
  acknowledge(now: Millis, stream: Stream): void {
    const isMuch = stream.receive.unacknowledged >= mostUnacknowledged;
    this.#acknowledgeBy(isMuch ? now : millis(now + acknowledgeWithin), stream);
  }

  /** Nothing more is said of it. */
  forget(stream: Stream): void {
    this.#credits.delete(stream);
    this.#acknowledgements.delete(stream);
    if (this.#acknowledgements.size === 0) this.#acknowledgeAt = undefined;
  }

  clear(): void {
    this.#frames = [];
    this.#said = 0;
    this.#credits.clear();
    this.#acknowledgements.clear();
    this.#acknowledgeAt = undefined;
  }

  /** Whether something must be said now. */
  isDue(now: Millis): boolean {
    return this.waiting > 0 || this.#credits.size > 0 || (this.#acknowledgeAt ?? Number.POSITIVE_INFINITY) <= now;
  }

  /** When acknowledgements have waited long enough. */
  deadline(): Millis | undefined {
    return this.#acknowledgeAt;
  }

  /** Frames that are still `waiting` then come before the octets of any stream: they may be those which open it. */
  drain(draft: Draft): void {
    if (this.waiting > 0) this.#drainFrames(draft);
    draft.beginCopied();
    this.#drainLatest(draft);
    draft.endCopied();
  }

  #drainLatest(draft: Draft): void {
    for (const stream of this.#credits) {
      if (draft.length >= mostAtOnce) return;
      this.#credits.delete(stream);
      draft.begin(encodeFrame({ type: "credit", stream: stream.id, limit: stream.receive.limit }));
    }
    for (const stream of this.#acknowledgements) {
      if (draft.length >= mostAtOnce) return;
      this.#acknowledgements.delete(stream);
      draft.begin(encodeFrame({ type: "ack", stream: stream.id, received: stream.receive.acknowledge() }));
    }
    this.#acknowledgeAt = undefined;
  }

  #acknowledgeBy(at: Millis, stream: Stream): void {
    this.#acknowledgements.add(stream);
    if (this.#acknowledgeAt === undefined || at < this.#acknowledgeAt) this.#acknowledgeAt = at;
  }

  #drainFrames(draft: Draft): void {
    while (draft.length < mostAtOnce) {
      const frame = this.#frames[this.#said];
      if (frame === undefined) break;
      this.#said += 1;
      draft.begin(frame);
    }
    // What was said is let go of when it is half of the list, so that a long one is not moved for every record.
    if (this.#said * 2 < this.#frames.length) return;
    this.#frames = this.#frames.slice(this.#said);
    this.#said = 0;
  }
}
