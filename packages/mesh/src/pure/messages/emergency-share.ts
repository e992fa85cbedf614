/**
 * How many of a link's octets may be emergencies: a tenth of what it brings, and a little besides, so that a link which is silent otherwise
 * can bring one. Whoever calls everything an emergency gains nothing over who does not.
 */
import type { Millis } from "@ropewalk/kernel/units";

const share = 1 / 10;
/** Four of the longest at once, and a short one some times a second. */
const atOnce = 16_384;
const eachSecond = 256;

export class EmergencyShare {
  #credit = atOnce;
  #at: Millis;

  constructor(now: Millis) {
    this.#at = now;
  }

  /** An envelope came, of so many octets. Whether it may be an emergency, if it says that it is one. */
  take(now: Millis, octets: number, isEmergency: boolean): boolean {
    const more = ((now - this.#at) / 1000) * eachSecond + octets * share;
    this.#credit = Math.min(atOnce, this.#credit + more);
    this.#at = now;
    if (!isEmergency || octets > this.#credit) return false;
    this.#credit -= octets;
    return true;
  }
}
