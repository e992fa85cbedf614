/** The streams of a session with the applications' connections that they have: how many there are and were, and how each ended, told once. */
import { Pipe, type PipedStream } from "./io/pipe.ts";
import type { ReadSlab } from "./io/read-slab.ts";
import type { StreamId } from "./pure/wire/frame.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import type { Tally } from "./tally.ts";

/** How a stream ended: `closed` in both directions as its applications wished, or reset, by which end and why. */
export type StreamEnd =
  | { readonly kind: "closed" }
  | { readonly kind: "reset"; readonly by: "us" | "peer"; readonly reason: ResetReason };

export interface CarriedStream {
  readonly pipe: Pipe;
  readonly request: Uint8Array;
  /** Of the application's connection, once there is one. */
  remote: string | undefined;
  /** Both its connections are there. */
  isOpen: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export interface StreamsOwner {
  /** `stream` never had both its connections. */
  readonly onRefused: (id: StreamId, stream: CarriedStream, how: StreamEnd & { readonly kind: "reset" }) => void;
  /** Of those that were refused, too. */
  readonly onOver: (stream: StreamId) => void;
}

export interface StreamTotals {
  readonly opened: number;
  readonly refused: number;
  /** Octets of streams, each counted once. */
  readonly sent: number;
  readonly received: number;
}

export class CarriedStreams {
  readonly #owner: StreamsOwner;
  readonly #slab: ReadSlab;
  readonly #tally: Tally;
  readonly #streams = new Map<StreamId, CarriedStream>();
  readonly #totals = { opened: 0, refused: 0, sent: 0, received: 0 };

  constructor(owner: StreamsOwner, slab: ReadSlab, tally: Tally) {
    this.#owner = owner;
    this.#slab = slab;
    this.#tally = tally;
  }

  get all(): ReadonlyMap<StreamId, CarriedStream> {
    return this.#streams;
  }

  /** Since the session began. */
  get totals(): StreamTotals {
    return this.#totals;
  }

  pipe(id: StreamId): Pipe | undefined {
    return this.#streams.get(id)?.pipe;
  }

  /** `since`: milliseconds since 1970. */
  add(id: StreamId, request: Uint8Array, piped: PipedStream, since: number): CarriedStream {
    const pipe = new Pipe(piped, this.#slab);
    const stream: CarriedStream = { pipe, request, remote: undefined, isOpen: false, since };
    this.#streams.set(id, stream);
    return stream;
  }

  /** Both its connections are there. */
  opened(id: StreamId): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.isOpen = true;
    this.#totals.opened += 1;
    this.#tally.streamsOpened += 1;
  }

  sent(octets: number): void {
    this.#totals.sent += octets;
    this.#tally.octetsSent += octets;
  }

  received(octets: number): void {
    this.#totals.received += octets;
    this.#tally.octetsReceived += octets;
  }

  /** Nothing more is done for it but what its pipe still has; a reset ends that, too. */
  end(id: StreamId, how: StreamEnd): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    if (stream.isOpen || how.kind === "closed") this.#tally.over(how);
    else {
      this.#totals.refused += 1;
      this.#tally.refused(how.reason);
      this.#owner.onRefused(id, stream, how);
    }
    this.#owner.onOver(id);
    if (how.kind === "reset") stream.pipe.reset();
  }

  /** All of them, reset by this end. */
  endAll(reason: ResetReason): void {
    for (const id of [...this.#streams.keys()]) this.end(id, { kind: "reset", by: "us", reason });
  }
}
