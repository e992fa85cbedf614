/**
 * Proofs that neighbours are told of in meetings, so that nobody keeps what has arrived: of what was in custody, here or with whoever told of it.
 * What went by without being kept needs none. Bounded: of more the oldest is forgotten, and what it proves is kept somewhere until its life ends.
 * Source: Haas and Small, "A New Networking Model for Biological Applications of Ad Hoc Sensor Networks" (2006), §III (VACCINE).
 */
import { elementOf } from "./reconcile/element.ts";
import { ElementRow, type RowMember } from "./reconcile/element-row.ts";
import type { StoreTime } from "./store-time.ts";
import type { TagName } from "./wire/envelope.ts";

const most = 4_096;

export class Antidotes {
  readonly elements: ElementRow<RowMember> = new ElementRow();
  /** The oldest first. */
  readonly #known = new Map<TagName, RowMember>();

  has(tag: TagName): boolean {
    return this.#known.has(tag);
  }

  add(tag: TagName, until: StoreTime): void {
    if (this.#known.has(tag)) return;
    const member = { rowPlace: 0 };
    this.#known.set(tag, member);
    this.elements.add(member, elementOf("proved", tag), until);
    if (this.#known.size <= most) return;
    for (const [oldest, its] of this.#known) {
      this.#known.delete(oldest);
      this.elements.delete(its);
      return;
    }
  }
}
