/** How many nodes hold a message at a time, under whatever tag it was sealed: its sender, and all that keep an envelope of it. */
import { type HeldName, tagIn } from "@ropewalk/mesh/pure/messages/custody/held";
import type { Station } from "./station.ts";

export class Holders {
  readonly #stations: readonly Station[];
  /** Whose each tag is. It is known from the sender alone, while he lives and has the message. */
  readonly #messages = new Map<string, string>();
  readonly #most = new Map<string, number>();
  /** Envelopes on disks, as they were counted last. */
  held = 0;

  constructor(stations: readonly Station[]) {
    this.#stations = stations;
  }

  /** Of each message that was ever seen on a disk, at the most. */
  get most(): readonly number[] {
    return [...this.#most.values()];
  }

  count(): void {
    const holders = new Map<string, number>();
    this.held = 0;
    for (const station of this.#stations) this.#learn(station);
    for (const { disk } of this.#stations) {
      const here = new Set(disk.outbox.keys());
      for (const name of disk.custody.keys()) here.add(this.#messages.get(tagIn(name as HeldName)) ?? name);
      this.held += disk.custody.size + disk.sealed.size;
      for (const id of here) holders.set(id, (holders.get(id) ?? 0) + 1);
    }
    for (const [id, count] of holders) if (count > (this.#most.get(id) ?? 0)) this.#most.set(id, count);
  }

  #learn(station: Station): void {
    for (const { sealed } of station.disk.sealed.values()) this.#messages.set(sealed.tag, sealed.id);
    station.withMessages((_, desk) => {
      for (const { facts, parts } of desk.outgoing.all())
        for (const { tags } of parts) for (const tag of tags) this.#messages.set(tag, facts.id);
    });
  }
}
