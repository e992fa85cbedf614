/**
 * Parts of own messages in custody, and which of them are to be sealed anew: though there is a way no proof has come for long, so whoever they
 * are for may have lost what he needs to open them. Twice as long each time, and not for ever.
 */
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { OwnPart } from "./own-messages.ts";
import type { TagName } from "./wire/envelope.ts";

/** Until the first time; after a start, when what a chain's recipient has forgotten lies here most often, and nothing waits for its turn. */
const patience: Readonly<Record<"usual" | "atStart", Millis>> = { usual: seconds(120), atStart: seconds(15) };
const mostSeals = 5;

interface Kept {
  readonly part: OwnPart;
  readonly since: Millis;
  readonly first: Millis;
}

export class LongKept {
  readonly #kept = new Map<TagName, Kept>();

  /** `when`: whether a start found it. */
  add(now: Millis, tag: TagName, part: OwnPart, when: keyof typeof patience): void {
    this.#kept.set(tag, { part, since: now, first: patience[when] });
  }

  delete(tag: TagName): void {
    this.#kept.delete(tag);
  }

  /** Takes them out. */
  due(now: Millis, isReachable: (address: MeshAddress) => boolean): readonly (readonly [TagName, OwnPart])[] {
    const due: (readonly [TagName, OwnPart])[] = [];
    for (const [tag, { part, since, first }] of this.#kept) {
      const isLong = now - since >= first * 2 ** (part.seals - 1);
      if (isLong && part.seals < mostSeals && isReachable(part.of.facts.contact)) due.push([tag, part]);
    }
    for (const [tag] of due) this.#kept.delete(tag);
    return due;
  }
}
