/** How many nodes hold a message at a time, under whatever tag it was sealed: its sender, and all that keep an envelope of it. */
import { type HeldName, tagIn } from "@ropewalk/mesh/pure/messages/custody/held";
import type { Holding } from "./churn-part.ts";

export class Holders {
  /** Whose each tag is. */
  readonly #messages = new Map<string, string>();
  readonly #most = new Map<string, number>();
  /** Envelopes on disks, as they were counted last. */
  held = 0;

  /** Of each message that was ever seen on a disk, at the most; the fewest first. */
  get most(): readonly number[] {
    return [...this.#most.values()].toSorted((one, other) => one - other);
  }

  learn(tags: Iterable<readonly [tag: string, id: string]>): void {
    for (const [tag, id] of tags) this.#messages.set(tag, id);
  }

  /** What all nodes have at a time. */
  count(nodes: readonly Holding[]): void {
    const holders = new Map<string, number>();
    this.held = 0;
    for (const { outbox, custody, sealed } of nodes) {
      const here = new Set(outbox);
      for (const name of custody) here.add(this.#messages.get(tagIn(name as HeldName)) ?? name);
      this.held += custody.length + sealed;
      for (const id of here) holders.set(id, (holders.get(id) ?? 0) + 1);
    }
    for (const [id, count] of holders) if (count > (this.#most.get(id) ?? 0)) this.#most.set(id, count);
  }
}
