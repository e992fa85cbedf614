/**
 * When what waits is tried: at once when a way to its destination appears, and while that is there after 2, 4, 8 … 600 seconds. Of those
 * that are due the highest priority goes first, and of one priority each destination in turn, so that nobody waits behind another's flood.
 */
import type { MeshAddress } from "../../mesh-address.ts";
import type { StoreTime } from "../store-time.ts";
import { priority } from "../wire/envelope.ts";
import type { Held } from "./held.ts";
import { HeldHeap } from "./held-heap.ts";

/** Seconds. */
const firstWait = 2;
const longestWait = 600;
/** Found to be due in one turn: the rest is in the next. */
const mostMoved = 512;
/** Doublings after which it is the longest in any case. */
const mostDoublings = 10;

export class Retries {
  readonly #waiting = new HeldHeap("byDue", isDueBefore);
  /** By priority; of each, whose turn it is comes first. None is empty. Those that are not `ready` any more are passed over. */
  readonly #ready: readonly Map<MeshAddress, Set<Held>>[] = Object.values(priority).map(() => new Map());

  /** When the next is due; 0 where one is ready; undefined: none is. */
  get nextAt(): number | undefined {
    return this.#ready.some(({ size }) => size > 0) ? 0 : this.#waiting.first?.dueAt;
  }

  /** There is a way to its destination that was not there before. */
  wayUp(now: StoreTime, held: Held): void {
    if (held.state !== "idle" && held.state !== "waiting") return;
    held.attempts = 0;
    // A way that comes and goes does not make it go each time.
    this.#wait(held, Math.max(now, held.triedAt + firstWait));
  }

  /** It was tried, and is tried again if nothing else is heard of it. */
  tried(now: StoreTime, held: Held): void {
    if (held.state === "gone") return;
    held.triedAt = now;
    held.attempts += 1;
    const wait = Math.min(longestWait, firstWait * 2 ** Math.min(mostDoublings, held.attempts - 1));
    this.#wait(held, now + wait);
  }

  /** Nothing is to be done for it before something is heard of its destination. */
  rest(held: Held): void {
    this.#leave(held);
    held.state = "idle";
  }

  remove(held: Held): void {
    this.#leave(held);
    held.state = "gone";
  }

  /** Up to `most` that are due, which are `reading` from now on. */
  take(now: StoreTime, most: number): readonly Held[] {
    if ((this.nextAt ?? Number.POSITIVE_INFINITY) > now) return [];
    for (let moved = 0; moved < mostMoved; moved += 1) {
      const { first } = this.#waiting;
      if (first === undefined || first.dueAt > now) break;
      this.#waiting.delete(first);
      this.#makeReady(first);
    }
    const taken: Held[] = [];
    for (const ready of this.#ready.toReversed()) {
      for (let next = turn(ready); next !== undefined && taken.length < most; next = turn(ready)) {
        this.#leave(next);
        next.state = "reading";
        taken.push(next);
      }
    }
    return taken;
  }

  #wait(held: Held, at: number): void {
    this.#leave(held);
    held.state = "waiting";
    held.dueAt = at;
    this.#waiting.add(held);
  }

  #makeReady(held: Held): void {
    const ready = this.#ready[held.priority];
    const { destination } = held;
    if (ready === undefined || destination === undefined) {
      held.state = "idle";
      return;
    }
    const line = ready.get(destination) ?? new Set();
    ready.set(destination, line);
    line.add(held);
    held.state = "ready";
  }

  #leave(held: Held): void {
    if (held.state === "waiting") this.#waiting.delete(held);
    if (held.state !== "ready" || held.destination === undefined) return;
    const ready = this.#ready[held.priority];
    const line = ready?.get(held.destination);
    line?.delete(held);
    if (line?.size === 0) ready?.delete(held.destination);
  }
}

function isDueBefore(one: Held, other: Held): boolean {
  if (one.dueAt !== other.dueAt) return one.dueAt < other.dueAt;
  return one.priority === other.priority ? one.order < other.order : one.priority > other.priority;
}

/** The first of the destination whose turn it is, which then has to wait for the others. */
function turn(ready: Map<MeshAddress, Set<Held>>): Held | undefined {
  for (const [destination, line] of ready) {
    ready.delete(destination);
    ready.set(destination, line);
    for (const held of line) return held;
  }
  return undefined;
}
