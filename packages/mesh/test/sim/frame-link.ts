/**
 * One direction of a simulated link: a frame waits for the rate, travels, and arrives in order. What arrives between two rounds of its
 * reader is handed over at once, as a socket does, so that millions of frames are few happenings and no object each.
 */
import type { BitsPerSecond, Millis } from "@ropewalk/kernel/units";
import { Happening, type VirtualTime } from "@ropewalk/simnet/virtual-time";

export interface FrameLinkProfile {
  readonly delay: Millis;
  readonly rate: BitsPerSecond;
  /** What may wait for the rate; what comes when it is full is dropped. */
  readonly queue: Millis;
}

export interface FrameLinkCounts {
  frames: number;
  octets: number;
  dropped: number;
}

/** Where frames arrive. */
export interface FrameEnd {
  /** When in the round it listens, 0…1: to all its links at once, and not when others do. */
  readonly phase: number;
  /** Until then it has no time to listen. */
  readonly busyUntil: number;
  hear(frames: readonly Uint8Array[]): void;
}

/** How often a reader comes round to its sockets. */
const round = 5;
/** The length before a frame, and its part of what TLS, TCP and IP add to a segment of a few frames. */
export const overheadOctets = 24;

export class FrameLink extends Happening {
  readonly counts: FrameLinkCounts;
  readonly profile: FrameLinkProfile;
  /** Takes what is sent, and nothing arrives. */
  isDeaf = false;
  readonly #time: VirtualTime;
  readonly #end: FrameEnd;
  readonly #frames: Uint8Array[] = [];
  readonly #arrivals: number[] = [];
  readonly #octetsAMilli: number;
  #freeAt = 0;

  constructor(
    profile: FrameLinkProfile,
    time: VirtualTime,
    end: FrameEnd,
    counts: FrameLinkCounts = { frames: 0, octets: 0, dropped: 0 },
  ) {
    super();
    this.counts = counts;
    this.profile = profile;
    this.#time = time;
    this.#end = end;
    this.#octetsAMilli = profile.rate / 8000;
  }

  send(frame: Uint8Array): void {
    const { now } = this.#time;
    const { counts, profile } = this;
    const begins = Math.max(this.#freeAt, now);
    if (this.isDeaf || begins - now > profile.queue) {
      counts.dropped += 1;
      return;
    }
    const octets = frame.length + overheadOctets;
    counts.frames += 1;
    counts.octets += octets;
    this.#freeAt = begins + octets / this.#octetsAMilli;
    const arrival = this.#freeAt + profile.delay;
    this.#frames.push(frame);
    this.#arrivals.push(arrival);
    if (!this.isScheduled) this.#time.schedule(this.#roundAfter(arrival), this);
  }

  /** What is on its way is lost. */
  clear(): void {
    this.#time.cancel(this);
    this.#frames.length = 0;
    this.#arrivals.length = 0;
    this.#freeAt = 0;
  }

  happen(): void {
    const { now } = this.#time;
    const { busyUntil } = this.#end;
    if (busyUntil > now) {
      this.#time.schedule(busyUntil, this);
      return;
    }
    let here = 0;
    while (here < this.#arrivals.length && (this.#arrivals[here] ?? 0) <= now) here += 1;
    const arrived = this.#frames.splice(0, here);
    this.#arrivals.splice(0, here);
    const [next] = this.#arrivals;
    if (next !== undefined) this.#time.schedule(this.#roundAfter(next), this);
    this.#end.hear(arrived);
  }

  #roundAfter(time: number): number {
    const { phase } = this.#end;
    return Math.max(time, (Math.ceil(time / round - phase) + phase) * round);
  }
}
