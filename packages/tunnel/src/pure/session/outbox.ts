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
/** The peer keeps what is not acknowledged: not more than this for the sake of company. */
const mostUnacknowledged = 262_144;
/** Octets of frames in one record, for octets of streams are to have room too. */
const mostAtOnce = 65_536;

export class Outbox {
  #frames: Uint8Array[] = [];
  readonly #credits = new Set<Stream>();
  readonly #acknowledgements = new Set<Stream>();
  #acknowledgeAt: Millis | undefined;

  say(frame: Exclude<Frame, DataFrame>): void {
    this.#frames.push(encodeFrame(frame));
  }

  /** The stream's limit has grown; whoever is told of it is told what has come, too. */
  credit(stream: Stream): void {
    this.#credits.add(stream);
    if (stream.receive.unacknowledged > 0) this.#acknowledgements.add(stream);
  }

  /** Something of the stream has come. */
  acknowledge(now: Millis, stream: Stream): void {
    this.#acknowledgements.add(stream);
    const isMuch = stream.receive.unacknowledged >= mostUnacknowledged;
    const at = isMuch ? now : millis(now + acknowledgeWithin);
    this.#acknowledgeAt = millis(Math.min(this.#acknowledgeAt ?? at, at));
  }

  /** Nothing more is said of it. */
  forget(stream: Stream): void {
    this.#credits.delete(stream);
    this.#acknowledgements.delete(stream);
  }

  clear(): void {
    this.#frames = [];
    this.#credits.clear();
    this.#acknowledgements.clear();
    this.#acknowledgeAt = undefined;
  }

  /** Whether something must be said now. */
  isDue(now: Millis): boolean {
    return this.#frames.length > 0 || this.#credits.size > 0 || (this.deadline() ?? Number.POSITIVE_INFINITY) <= now;
  }

  /** When acknowledgements have waited long enough. */
  deadline(): Millis | undefined {
    return this.#acknowledgements.size === 0 ? undefined : this.#acknowledgeAt;
  }

  drain(draft: Draft): void {
    let count = 0;
    for (const frame of this.#frames) {
      if (draft.length >= mostAtOnce) break;
      draft.add(frame);
      count += 1;
    }
    this.#frames.splice(0, count);
    for (const stream of taken(this.#credits, draft))
      draft.add(encodeFrame({ type: "credit", stream: stream.id, limit: stream.receive.limit }));
    for (const stream of taken(this.#acknowledgements, draft))
      draft.add(encodeFrame({ type: "ack", stream: stream.id, received: stream.receive.acknowledge() }));
    if (this.#acknowledgements.size === 0) this.#acknowledgeAt = undefined;
  }
}

/** Those that there is room for; they are taken out. */
function* taken(streams: Set<Stream>, draft: Draft): Iterable<Stream> {
  for (const stream of streams) {
    if (draft.length >= mostAtOnce) return;
    streams.delete(stream);
    yield stream;
  }
}
