/**
 * Virtual time: a heap of what is to happen. It moves from one happening to the next and never by itself; ties happen by rank, and
 * of one rank in the order in which they were scheduled.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";

/** Something scheduled. The other three fields are the heap's own. */
export abstract class Happening {
  /** Of what happens at the same time the lower first. */
  rank = 0;
  at = 0;
  order = 0;
  /** Place in the heap; -1 when it is not scheduled. */
  place = -1;

  abstract happen(): void;

  get isScheduled(): boolean {
    return this.place >= 0;
  }
}

const mostAtOnce = 100_000;

export class VirtualTime {
  readonly #heap: Happening[] = [];
  #now = 0;
  #order = 0;
  #happened = 0;

  get now(): Millis {
    return this.#now as Millis;
  }

  /** How much has happened so far. */
  get happened(): number {
    return this.#happened;
  }

  /** Schedules `happening`, which must not be scheduled yet, not before now. */
  schedule(at: number, happening: Happening): void {
    if (happening.place >= 0 || !(at < Number.POSITIVE_INFINITY)) {
      throw new InternalError(happening.place >= 0 ? "it is scheduled already" : `${at} is no time`);
    }
    happening.at = Math.max(at, this.#now);
    happening.order = this.#order;
    this.#order += 1;
    this.#heap.push(happening);
    this.#rise(happening, this.#heap.length - 1);
  }

  /** Harmless when it is not scheduled. */
  cancel(happening: Happening): void {
    const { place } = happening;
    if (place < 0) return;
    happening.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === happening) return;
    if (isBefore(last, happening)) this.#rise(last, place);
    else this.#sink(last, place);
  }

  /** Calls `work` after `delay`; the caller may cancel it. */
  after(delay: Millis, work: () => void): Happening {
    return this.at(this.#now + delay, work);
  }

  /** Calls `work` at `time`; the caller may cancel it. */
  at(time: number, work: () => void): Happening {
    const call = new Call(work);
    this.schedule(time, call);
    return call;
  }

  /**
   * Lets everything happen up to and including `until`, which then is now. What `happen` throws ends it, and so does time that
   * does not move on: somebody who asks for the present moment again and again.
   */
  runUntil(until: Millis): void {
    let atOnce = 0;
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      atOnce = next.at > this.#now ? 0 : atOnce + 1;
      if (atOnce > mostAtOnce) throw new InternalError(`${mostAtOnce} things happened at ${this.#now}, and no end`);
      this.cancel(next);
      this.#now = next.at;
      this.#happened += 1;
      next.happen();
    }
    if (until > this.#now) this.#now = until;
  }

  run(by: Millis): void {
    this.runUntil(millis(this.#now + by));
  }

  #rise(happening: Happening, from: number): void {
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as Happening;
      if (isBefore(other, happening)) break;
      heap[place] = other;
      other.place = place;
      place = above;
    }
    heap[place] = happening;
    happening.place = place;
  }

  #sink(happening: Happening, from: number): void {
    const heap = this.#heap;
    const { length } = heap;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(heap[below + 1] as Happening, heap[below] as Happening)) below += 1;
      const other = heap[below] as Happening;
      if (isBefore(happening, other)) break;
      heap[place] = other;
      other.place = place;
      place = below;
    }
    heap[place] = happening;
    happening.place = place;
  }
}

class Call extends Happening {
  readonly #work: () => void;

  constructor(work: () => void) {
    super();
    this.#work = work;
  }

  happen(): void {
    this.#work();
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  if (one.at !== other.at) return one.at < other.at;
  return one.rank < other.rank || (one.rank === other.rank && one.order < other.order);
}
