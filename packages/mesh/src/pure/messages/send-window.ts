/**
 * How many envelopes to one contact may be under way unproved, and when one counts as lost: grown by what is proved and halved by what is
 * lost, once in a round trip. Source: RFC 5681 §3.1 (growth and loss), RFC 6298 §2 (time).
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";

const first = 16;
const least = 8;
/** As many as a chain may have unproved: what comes together at the recipient is on his disk by one sync. */
const most = 512;
/** A recipient stores before it proves, and a disk may be slow. */
const leastTimeout = seconds(1);
const firstTimeout = seconds(2);
const mostTimeout = seconds(15);
const mostBackoff = 8;

export class SendWindow {
  #size: number = first;
  /** Above it the window grows by one in a round trip. */
  #slowFrom: number = most;
  #smoothed: number | undefined;
  #variation = 0;
  #halvedAt: number = Number.NEGATIVE_INFINITY;
  /** Doubled by what is lost until something is proved that was sent once: or a way that became slow would look like one that loses. */
  #backoff = 1;

  /** Envelopes. */
  get size(): number {
    return Math.floor(this.#size);
  }

  /** After which one counts as lost that is sent for the first, the second, … time. Source: RFC 6298 §5.5. */
  timeout(tries: number): Millis {
    return millis(this.#usual * Math.max(this.#backoff, 2 ** (tries - 1)));
  }

  /** One was proved; `roundTrip` is undefined where it was sent more than once. Source: RFC 6298 §3 (Karn). */
  proved(roundTrip: Millis | undefined): void {
    this.#size = Math.min(most, this.#size + (this.#size < this.#slowFrom ? 1 : 1 / this.#size));
    if (roundTrip === undefined) return;
    this.#backoff = 1;
    if (this.#smoothed === undefined) {
      [this.#smoothed, this.#variation] = [roundTrip, roundTrip / 2];
      return;
    }
    this.#variation += (Math.abs(this.#smoothed - roundTrip) - this.#variation) / 4;
    this.#smoothed += (roundTrip - this.#smoothed) / 8;
  }

  /** One was not proved in time. */
  lost(now: Millis): void {
    if (now - this.#halvedAt < (this.#smoothed ?? firstTimeout)) return;
    this.#halvedAt = now;
    this.#backoff = Math.min(mostBackoff, 2 * this.#backoff);
    this.#slowFrom = Math.max(least, this.#size / 2);
    this.#size = this.#slowFrom;
  }

  get #usual(): Millis {
    if (this.#smoothed === undefined) return firstTimeout;
    return millis(Math.min(mostTimeout, Math.max(leastTimeout, this.#smoothed + 4 * this.#variation)));
  }
}
