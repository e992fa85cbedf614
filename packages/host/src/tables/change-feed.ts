/**
 * Turns events into calls of listeners: one call for all that was applied since the last, except that no call ever
 * holds two moves of one carrier. A listener that throws stops neither the others nor the events behind.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import type { NetworkChange } from "../ports.ts";
import type { NetworkEvent } from "./network-event.ts";
import type { NetworkTable } from "./network-table.ts";

/** Where a change was seen. */
export type ChangeOrigin = "events" | "carrier-poll";

export class ChangeFeed {
  readonly #table: NetworkTable;
  readonly #clock: Clock;
  readonly #listeners = new Set<(change: NetworkChange) => void>();
  #origin: ChangeOrigin = "events";
  #changed = new Set<number>();
  #movedCarriers = new Set<number>();
  #waiting: NetworkChange[] = [];
  #isCalling = false;

  constructor(table: NetworkTable, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  subscribe(listener: (change: NetworkChange) => void): Disposable {
    // A wrapper, so that one function subscribed twice is called twice and leaves once.
    const call = (change: NetworkChange) => listener(change);
    this.#listeners.add(call);
    return { [Symbol.dispose]: () => void this.#listeners.delete(call) };
  }

  /** Nobody hears of anything after this. */
  close(): void {
    this.#listeners.clear();
    this.#waiting = [];
  }

  /** Applies the event; listeners hear of it with the next `flush`, or sooner to keep edges apart. True when routes are in doubt. */
  apply(event: NetworkEvent, origin: ChangeOrigin): boolean {
    const movedLink = this.#table.movesCarrier(event) ? linkOf(event) : undefined;
    if (origin !== this.#origin || (movedLink !== undefined && this.#movedCarriers.has(movedLink))) this.flush();
    this.#origin = origin;
    if (movedLink !== undefined) this.#movedCarriers.add(movedLink);
    const { ifindexes, areRoutesDoubtful } = this.#table.apply(event, this.#clock.now());
    this.changed(ifindexes);
    return areRoutesDoubtful;
  }

  /** Marks interfaces whose facts the caller changed in the table itself. */
  changed(ifindexes: Iterable<number>): void {
    for (const ifindex of ifindexes) this.#changed.add(ifindex);
  }

  flush(): void {
    if (this.#changed.size === 0) return;
    const ifindexes = this.#changed;
    this.#changed = new Set();
    this.#movedCarriers.clear();
    this.#call({ kind: this.#origin, at: this.#clock.now(), facts: this.#table.facts, ifindexes });
  }

  resynced(cause: string): void {
    this.flush();
    this.#call({ kind: "resync", at: this.#clock.now(), facts: this.#table.facts, cause });
  }

  /** A listener may cause the next change: it is told after every listener has heard of this one. */
  #call(change: NetworkChange): void {
    this.#waiting.push(change);
    if (this.#isCalling) return;
    this.#isCalling = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      for (const listener of [...this.#listeners]) {
        if (!this.#listeners.has(listener)) continue;
        try {
          listener(next);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
    this.#isCalling = false;
  }
}

function linkOf(event: NetworkEvent): number | undefined {
  if (event.kind === "link") return event.link.ifindex;
  return event.kind === "carrier" || event.kind === "link-removed" ? event.ifindex : undefined;
}
