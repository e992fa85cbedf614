/**
 * How many strangers a link may bring into a full table, each in another's place: whoever brings more than a few a second brings none, for
 * as long as he does. What is refused counts as what is let in, so that a flood stops at the first node that it meets, and a newcomer
 * behind that node is not one of many.
 */
import type { Millis } from "@ropewalk/kernel/units";

const atOnce = 64;
const eachSecond = 1;

export class Admission {
  #level = 0;
  #at: number = Number.NEGATIVE_INFINITY;

  /** Whether one more may come in. */
  offer(now: Millis): boolean {
    const leaked = ((now - this.#at) / 1000) * eachSecond;
    this.#level = Math.min(atOnce, Math.max(0, this.#level - leaked) + 1);
    this.#at = now;
    return this.#level < atOnce;
  }
}
