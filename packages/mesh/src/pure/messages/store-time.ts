/**
 * The time that the store's rows end by: whole seconds that go on over restarts and never back. It is the wall clock, or where the
 * store was left if that is later, so that a clock which was set back makes nothing live longer.
 */
import { type Branded, type Millis, millis } from "@ropewalk/kernel/units";

/** Whole seconds since 1970 by the store's calendar. Only the store's own times may be compared with it. */
export type StoreTime = Branded<number, "StoreTime">;

export interface StoreCalendarStart {
  /** The node's monotonic clock, now. */
  readonly now: Millis;
  /** Milliseconds since 1970, now. */
  readonly wall: number;
  /** As far as the store had come. */
  readonly last: StoreTime;
}

/** Translates the monotonic clock, which begins anew with each process, and by which all that is pure goes. */
export class StoreCalendar {
  readonly #start: Millis;
  readonly #first: number;

  constructor({ now, wall, last }: StoreCalendarStart) {
    this.#start = now;
    this.#first = Math.max(Math.floor(wall / 1000), last);
  }

  at(now: Millis): StoreTime {
    return (this.#first + Math.floor((now - this.#start) / 1000)) as StoreTime;
  }

  /** When something ends that is to live so long from now: rounded down, as life is wherever it is written. */
  after(now: Millis, life: Millis): StoreTime {
    return (this.#first + Math.floor((now - this.#start + life) / 1000)) as StoreTime;
  }

  /** What is left until then; 0 where it is over. */
  left(now: Millis, until: StoreTime): Millis {
    return millis(Math.max(0, (until - this.#first) * 1000 - (now - this.#start)));
  }
}
