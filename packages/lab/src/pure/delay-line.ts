/**
 * Packets on their way: each leaves a fixed time, give or take the jitter, after it came, and never before an earlier one.
 * The line is bounded; a packet that finds it full is dropped, as a router drops it.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";

export interface Delay {
  readonly delay: Millis;
  /** Half the width of the range that delays are drawn from. */
  readonly jitter: Millis;
}

interface Held {
  readonly due: Millis;
  readonly packet: Uint8Array;
}

export class DelayLine {
  readonly #capacity: number;
  #held: Held[] = [];
  #next = 0;
  #lastDue: Millis = millis(0);

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** `chance` is in 0…1 and decides the jitter. False when the line is full; the packet is then lost. */
  offer(now: Millis, packet: Uint8Array, { delay, jitter }: Delay, chance: number): boolean {
    if (this.#held.length - this.#next >= this.#capacity) return false;
    const held = Math.max(0, delay + jitter * (2 * chance - 1));
    this.#lastDue = millis(Math.max(this.#lastDue, now + held));
    this.#held.push({ due: this.#lastDue, packet });
    return true;
  }

  /** When the first packet is due; undefined when none is held. */
  deadline(): Millis | undefined {
    return this.#held[this.#next]?.due;
  }

  /** The next packet that is due; undefined when none is. */
  take(now: Millis): Uint8Array | undefined {
    const first = this.#held[this.#next];
    if (first === undefined || first.due > now) return undefined;
    this.#next += 1;
    // Taken packets are let go of in strides: shifting an array for each would cost its whole length.
    if (this.#next > this.#capacity || this.#next === this.#held.length) {
      this.#held = this.#held.slice(this.#next);
      this.#next = 0;
    }
    return first.packet;
  }
}
