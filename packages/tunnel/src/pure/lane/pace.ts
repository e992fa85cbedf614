/**
 * How much goes into one record, and how much may lie unsent in the kernel: what the lane carries in five milliseconds, by what it has
 * carried. So what is urgent never waits long behind what is not, and a fast lane has large records, which cost least.
 */
import type { Millis } from "@ropewalk/kernel/units";

/** In milliseconds. */
const turn = 5;
/** Octets of a record's plaintext. */
const least = 4096;
const first = 32_768;
const most = 524_288;
/** Below this, what was measured says more of the machine than of the path. */
const shortestSample = 5;
/** Of the estimate, at each sample. */
const weight = 1 / 4;

export class Pace {
  #record = first;
  /** Octets in a millisecond. */
  #rate: number | undefined;
  /** Since when the lane has had more to carry than it took, and what it was given since. */
  #busySince: Millis | undefined;
  #given = 0;

  /** Octets that the next record should not exceed. */
  get record(): number {
    return this.#record;
  }

  /** Octets that may lie in the kernel unsent. */
  get unsent(): number {
    return Math.max(least, Math.min(2 * this.#record, most));
  }

  /** Octets in a second; undefined while the lane took everything at once. */
  get rate(): number | undefined {
    return this.#rate === undefined ? undefined : this.#rate * 1000;
  }

  /** `octets` were given to the kernel, which took them all at once or did not. */
  gave(now: Millis, octets: number, isTaken: boolean): void {
    this.#given += octets;
    if (!isTaken) {
      if (this.#busySince === undefined) this.#begin(now);
      return;
    }
    // A record that the kernel took whole may be larger next time.
    if (octets >= this.#record / 2 && this.#busySince === undefined) this.#record = Math.min(most, this.#record * 2);
  }

  /** The kernel has taken what it was given; `unsent` octets of it have not left. */
  taken(now: Millis, unsent: number): void {
    if (this.#busySince === undefined) return;
    const passed = now - this.#busySince;
    if (passed < shortestSample) return;
    const sample = Math.max(0, this.#given - unsent) / passed;
    this.#rate = this.#rate === undefined ? sample : this.#rate + (sample - this.#rate) * weight;
    this.#record = Math.min(most, Math.max(least, Math.round(this.#rate * turn)));
    this.#busySince = now;
    this.#given = unsent;
  }

  /** There is nothing more to carry. */
  rest(): void {
    this.#busySince = undefined;
    this.#given = 0;
  }

  #begin(now: Millis): void {
    this.#busySince = now;
  }
}
