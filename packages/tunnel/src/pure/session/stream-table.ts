/** The streams of a session by number: whose numbers are whose, and which were given. */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Role } from "../handshake/message.ts";
import { type ResumeState, type StreamId, streamId } from "../wire/frame.ts";
import type { ReceiveHalf } from "./receive-half.ts";
import type { SendHalf } from "./send-half.ts";
import { isReset, type Stream, type StreamPhase } from "./stream.ts";

const lastStream = 0xffff_ffff;

export class StreamTable {
  readonly #oddIsOwn: boolean;
  readonly #streams = new Map<StreamId, Stream>();
  /** The number of the last stream that this end has opened, and of the last that the peer has; 0: none. */
  #lastOwn: number;
  #lastPeers = 0;
  #own = 0;

  /** `lastOwn`: where numbers begin behind another than 0. */
  constructor(role: Role, lastOwn = 0) {
    this.#oddIsOwn = role === "source";
    this.#lastOwn = lastOwn;
  }

  /** The number of the last stream that this end has opened; 0: none. */
  get lastOwn(): number {
    return this.#lastOwn;
  }

  get all(): ReadonlyMap<StreamId, Stream> {
    return this.#streams;
  }

  /** How many of them this end has opened. */
  get own(): number {
    return this.#own;
  }

  isOwn(id: StreamId): boolean {
    return (id % 2 === 1) === this.#oddIsOwn;
  }

  wasOpened(id: StreamId): boolean {
    return id <= (this.isOwn(id) ? this.#lastOwn : this.#lastPeers);
  }

  get(id: StreamId): Stream | undefined {
    return this.#streams.get(id);
  }

  /** Undefined also where this end has reset it. */
  live(id: StreamId): Stream | undefined {
    const stream = this.#streams.get(id);
    return stream === undefined || isReset(stream) ? undefined : stream;
  }

  /** Whether there is no number left to open one with. */
  get isSpent(): boolean {
    return this.#lastOwn + 2 > lastStream;
  }

  /** Not once `isSpent`. */
  open(send: SendHalf, receive: ReceiveHalf, phase: StreamPhase): Stream {
    this.#lastOwn += this.#lastOwn === 0 && this.#oddIsOwn ? 1 : 2;
    this.#own += 1;
    return this.#put(streamId(this.#lastOwn), send, receive, phase);
  }

  /** The peer has opened it, or tried to. */
  pass(id: StreamId): void {
    this.#lastPeers = id;
  }

  add(id: StreamId, send: SendHalf, receive: ReceiveHalf, phase: StreamPhase): Stream {
    if (this.isOwn(id)) throw new InternalError(`stream ${id} cannot be the peer's`);
    return this.#put(id, send, receive, phase);
  }

  remove(id: StreamId): void {
    if (this.#streams.delete(id) && this.isOwn(id)) this.#own -= 1;
  }

  state(): ResumeState {
    const streams = [...this.#streams.values()].map(({ id, receive }) => ({
      stream: id,
      received: receive.received,
      limit: receive.limit,
    }));
    return { highest: this.#lastPeers, streams };
  }

  #put(id: StreamId, send: SendHalf, receive: ReceiveHalf, phase: StreamPhase): Stream {
    const stream: Stream = { id, send, receive, phase, turn: "none", before: undefined, behind: undefined };
    this.#streams.set(id, stream);
    return stream;
  }
}
