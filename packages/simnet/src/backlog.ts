/**
 * The queue before a link, in octets. Our packets stand in it one by one; the traffic of others is a fluid that flows in at
 * a factor of the link's rate, so that the queue at any moment is one line of arithmetic however long it was filled.
 */
import type { BitsPerSecond, Bytes, Millis } from "@ropewalk/kernel/units";
import type { Random } from "./random.ts";

/** The traffic of others on a link. */
export interface CrossTraffic {
  /** What flows in, in units of the link's rate: above 1 the queue grows. */
  readonly factor: number;
  /**
   * What a full queue does to it, and so to us. `backs-off`, as TCP does: the queue stays full and `lossWhenFull` of our
   * packets is dropped. `keeps-on`: all that does not fit is dropped, 1 - 1 / factor of everything.
   */
  readonly whenFull: "backs-off" | "keeps-on";
}

/** What a full queue drops when the traffic that fills it backs off; many TCP flows make it about so. */
export const lossWhenFull = 0.01;

const quiet: CrossTraffic = { factor: 0, whenFull: "backs-off" };

export class Backlog {
  readonly #random: Random;
  /** Octets in a millisecond. */
  #rate: number;
  #limit: number;
  #traffic: CrossTraffic = quiet;
  /** Octets that wait at `#at`. */
  #level = 0;
  #at = 0;
  #carried = 0;
  #lastDeparture = 0;

  constructor(random: Random, rate: BitsPerSecond, limit: Bytes) {
    this.#random = random;
    this.#rate = rate / 8_000;
    this.#limit = limit;
  }

  /** Holds for what comes from now on; what waits already leaves as it would have. */
  resize(now: Millis, rate: BitsPerSecond, limit: Bytes): void {
    this.#settle(now);
    this.#rate = rate / 8_000;
    this.#limit = limit;
    this.#level = Math.min(this.#level, limit);
  }

  load(now: Millis, traffic: CrossTraffic): void {
    this.#settle(now);
    this.#traffic = traffic;
  }

  /** How long a packet that came now would wait. */
  delayAt(now: Millis): Millis {
    this.#settle(now);
    return (this.#level / this.#rate) as Millis;
  }

  /** Octets that have left until now, those of others included. */
  carriedUntil(now: Millis): number {
    this.#settle(now);
    return this.#carried;
  }

  /** When the last bit of a packet that comes now has left; undefined when there is no room for it. */
  departureOf(now: Millis, size: Bytes): number | undefined {
    this.#settle(now);
    let level = this.#level + size;
    if (level > this.#limit) {
      if (!this.#isAdmittedWhenFull()) return undefined;
      level = this.#limit;
    }
    const own = size / this.#rate;
    const departure = Math.max(now + Math.max(level / this.#rate, own), this.#lastDeparture + own);
    if (departure - now > this.#limit / this.#rate + own) return undefined;
    this.#level = level;
    this.#lastDeparture = departure;
    return departure;
  }

  #settle(now: Millis): void {
    const could = this.#rate * (now - this.#at);
    const there = this.#level + this.#traffic.factor * could;
    this.#carried += Math.min(could, there);
    this.#level = Math.min(Math.max(0, there - could), this.#limit);
    this.#at = now;
  }

  /** Octets of others made room for ours, or did not. */
  #isAdmittedWhenFull(): boolean {
    const { factor, whenFull } = this.#traffic;
    if (factor < 1) return false;
    return this.#random.unit() < (whenFull === "backs-off" ? 1 - lossWhenFull : 1 / factor);
  }
}
