/**
 * How a station listens: it comes round to its links each few milliseconds, and hears at once what came over one since, as a socket hands it
 * over; so millions of frames are few happenings and no object each. What it hears when follows from when frames arrive alone: they may be put
 * into their inlets at any time before that.
 */
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { Happening, type VirtualTime } from "@ropewalk/simnet/virtual-time";
import type { Line } from "./outlet.ts";

export interface Listener {
  /** When in the round it listens, 0…1: to all its links at once, and not when others do. */
  readonly phase: number;
  /** Until then it has no time to listen. */
  readonly busyUntil: number;
  hear(link: LinkId, frames: readonly Uint8Array[]): void;
}

/** How often a reader comes round to its sockets. */
const round = 5;

export class Ear extends Happening {
  readonly #time: VirtualTime;
  readonly #listener: Listener;
  readonly #inlets: Map<LinkId, Inlet> = new Map();

  constructor(time: VirtualTime, listener: Listener) {
    super();
    // What else is to be done at that time is done before, whichever was known sooner.
    this.rank = 1;
    this.#time = time;
    this.#listener = listener;
  }

  /** Where frames of one link arrive from now on. */
  open(link: LinkId): Inlet {
    const inlet = new Inlet(link, (arrival) => this.#expect(arrival));
    this.#inlets.set(link, inlet);
    return inlet;
  }

  /** What is on its way over it is lost. */
  close(link: LinkId): void {
    this.#inlets.delete(link);
  }

  closeAll(): void {
    this.#inlets.clear();
    this.#time.cancel(this);
  }

  happen(): void {
    const { now } = this.#time;
    for (;;) {
      const next = this.#next();
      if (next === undefined) return;
      const at = Math.max(this.#roundAfter(next.first), this.#listener.busyUntil);
      if (at > now) {
        this.#time.schedule(at, this);
        return;
      }
      this.#listener.hear(next.link, next.take(now));
    }
  }

  /** Over which came first what was not heard yet. */
  #next(): Inlet | undefined {
    let next: Inlet | undefined;
    let first = Number.POSITIVE_INFINITY;
    for (const inlet of this.#inlets.values()) {
      if (inlet.first >= first) continue;
      next = inlet;
      first = inlet.first;
    }
    return next;
  }

  #expect(arrival: number): void {
    const at = this.#roundAfter(arrival);
    if (this.isScheduled && this.at <= at) return;
    this.#time.cancel(this);
    this.#time.schedule(at, this);
  }

  #roundAfter(time: number): number {
    const { phase } = this.#listener;
    return Math.max(time, (Math.ceil(time / round - phase) + phase) * round);
  }
}

/** The reader's end of one direction of a link. */
class Inlet implements Line {
  readonly link: LinkId;
  /** When the first of its frames arrives; never, when it has none. */
  first: number = Number.POSITIVE_INFINITY;
  readonly #expect: (arrival: number) => void;
  readonly #frames: Uint8Array[] = [];
  readonly #arrivals: number[] = [];

  constructor(link: LinkId, expect: (arrival: number) => void) {
    this.link = link;
    this.#expect = expect;
  }

  put(arrival: number, frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#arrivals.push(arrival);
    if (this.#arrivals.length > 1) return;
    this.first = arrival;
    this.#expect(arrival);
  }

  clear(): void {
    this.#frames.length = 0;
    this.#arrivals.length = 0;
    this.first = Number.POSITIVE_INFINITY;
  }

  /** All that are here by then. */
  take(now: number): readonly Uint8Array[] {
    let here = 0;
    while (here < this.#arrivals.length && (this.#arrivals[here] ?? 0) <= now) here += 1;
    this.#arrivals.splice(0, here);
    this.first = this.#arrivals[0] ?? Number.POSITIVE_INFINITY;
    return this.#frames.splice(0, here);
  }
}
