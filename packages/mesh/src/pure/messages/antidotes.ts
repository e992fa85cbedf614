/**
 * Proofs that neighbours are told of in meetings, so that nobody keeps what has arrived: of what was in custody, here or with whoever told of it.
 * What went by without being kept needs none. Bounded: of more the oldest is forgotten, and what it proves is kept somewhere until its life ends.
 * Source: Haas and Small, "A New Networking Model for Biological Applications of Ad Hoc Sensor Networks" (2006), §III (VACCINE).
 */
import type { StoreTime } from "./store-time.ts";
import type { TagName } from "./wire/envelope.ts";

const most = 4_096;

export class Antidotes {
  /** The oldest first. */
  readonly #until = new Map<TagName, StoreTime>();

  add(tag: TagName, until: StoreTime): void {
    if (this.#until.has(tag)) return;
    this.#until.set(tag, until);
    if (this.#until.size <= most) return;
    const [oldest] = this.#until.keys();
    if (oldest !== undefined) this.#until.delete(oldest);
  }

  /** Those that have not ended by now. */
  tags(now: StoreTime): readonly TagName[] {
    return [...this.#until].filter(([, until]) => until > now).map(([tag]) => tag);
  }
}
