/**
 * Streams that the peer opens and takes back before they were accepted. Each may cost this end a connection to a target, and the peer
 * two small frames (CVE-2023-44487): so many in a row are fair as there may be streams, then no more than a share of it a second.
 */
import type { Millis } from "@ropewalk/kernel/units";

/** Within so long as many are forgotten as there may be streams. */
const forgottenWithin = 10_000;

export class Withdrawals {
  readonly #most: number;
  #level = 0;
  #at = 0;

  /** `most`: streams that there may be. */
  constructor(most: number) {
    this.#most = most;
  }

  note(now: Millis): void {
    this.#level = this.#levelAt(now) + 1;
    this.#at = now;
  }

  /** Whether the peer must wait before it opens another. */
  isTooMany(now: Millis): boolean {
    return this.#level > this.#most && this.#levelAt(now) > this.#most;
  }

  #levelAt(now: Millis): number {
    return Math.max(0, this.#level - ((now - this.#at) * this.#most) / forgottenWithin);
  }
}
