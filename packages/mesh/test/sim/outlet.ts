/** The sender's end of one direction of a simulated link: a frame waits for the rate, and then travels. */
import type { BitsPerSecond, Millis } from "@ropewalk/kernel/units";
import type { VirtualTime } from "@ropewalk/simnet/virtual-time";

export interface OutletProfile {
  readonly delay: Millis;
  readonly rate: BitsPerSecond;
  /** What may wait for the rate; what comes when it is full is dropped. */
  readonly queue: Millis;
}

export interface OutletCounts {
  frames: number;
  octets: number;
  dropped: number;
}

/** What leads to where frames are heard: it takes them as soon as it is known when they arrive, in the order of that. */
export interface Line {
  put(arrival: number, frame: Uint8Array): void;
  /** What is on its way is lost. */
  clear(): void;
}

/** The length before a frame, and its part of what TLS, TCP and IP add to a segment of a few frames. */
const overheadOctets = 24;

export class Outlet {
  readonly counts: OutletCounts;
  /** Takes what is sent, and nothing arrives. */
  isDeaf = false;
  readonly #profile: OutletProfile;
  readonly #time: VirtualTime;
  readonly #line: Line;
  readonly #octetsAMilli: number;
  #freeAt = 0;

  constructor(
    profile: OutletProfile,
    time: VirtualTime,
    line: Line,
    counts: OutletCounts = { frames: 0, octets: 0, dropped: 0 },
  ) {
    this.counts = counts;
    this.#profile = profile;
    this.#time = time;
    this.#line = line;
    this.#octetsAMilli = profile.rate / 8000;
  }

  send(frame: Uint8Array): void {
    const { now } = this.#time;
    const begins = Math.max(this.#freeAt, now);
    if (this.isDeaf || begins - now > this.#profile.queue) {
      this.counts.dropped += 1;
      return;
    }
    const octets = frame.length + overheadOctets;
    this.counts.frames += 1;
    this.counts.octets += octets;
    this.#freeAt = begins + octets / this.#octetsAMilli;
    this.#line.put(this.#freeAt + this.#profile.delay, frame);
  }

  clear(): void {
    this.#freeAt = 0;
    this.#line.clear();
  }
}
