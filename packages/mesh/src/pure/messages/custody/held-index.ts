/** What is held, by name and by tag. Several can have one tag: who has seen it can put other octets under it, and nobody can tell here which are true. */
import { elementOf } from "../reconcile/element.ts";
import { ElementRow } from "../reconcile/element-row.ts";
import type { TagName } from "../wire/envelope.ts";
import { type Held, type HeldName, markIn, tagIn } from "./held.ts";

export class HeldIndex {
  /** Of their marks. */
  readonly elements: ElementRow<Held> = new ElementRow();
  readonly #byName = new Map<HeldName, Held>();
  /** A set only where there are several. */
  readonly #byTag = new Map<TagName, Held | Set<Held>>();

  get size(): number {
    return this.#byName.size;
  }

  names(): MapIterator<HeldName> {
    return this.#byName.keys();
  }

  get(name: HeldName): Held | undefined {
    return this.#byName.get(name);
  }

  /** All with this tag, in the order in which they came. */
  of(tag: TagName): readonly Held[] {
    const those = this.#byTag.get(tag);
    if (those === undefined) return [];
    return those instanceof Set ? [...those] : [those];
  }

  /** One that is not there. */
  add(held: Held): void {
    const tag = tagIn(held.name);
    this.#byName.set(held.name, held);
    this.elements.add(held, elementOf("held", markIn(held.name)), Number.POSITIVE_INFINITY);
    const those = this.#byTag.get(tag);
    if (those === undefined) this.#byTag.set(tag, held);
    else if (those instanceof Set) those.add(held);
    else this.#byTag.set(tag, new Set([those, held]));
  }

  delete(held: Held): void {
    const tag = tagIn(held.name);
    if (this.#byName.delete(held.name)) this.elements.delete(held);
    const those = this.#byTag.get(tag);
    if (those instanceof Set) {
      those.delete(held);
      if (those.size === 0) this.#byTag.delete(tag);
    } else if (those === held) this.#byTag.delete(tag);
  }
}
