/** One timer for something that is always due at another time: it is set again only where that is sooner. */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";

export class Alarm implements Disposable {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #ring: () => void;
  #timer: Timer | undefined;
  #at: Millis | undefined;

  /** `ring` says by `set` when it is due next. It may be called before its time, and then has nothing to do. */
  constructor(clock: Clock, name: string, ring: () => void) {
    this.#clock = clock;
    this.#name = name;
    this.#ring = ring;
  }

  /** Due at `at`, or not before something happens. */
  set(at: Millis | undefined): void {
    if (at === undefined || (this.#at !== undefined && this.#at <= at)) return;
    this.#timer?.[Symbol.dispose]();
    this.#at = at;
    this.#timer = this.#clock.after(this.#name, millis(Math.max(0, at - this.#clock.now())), () => {
      this.#at = undefined;
      this.#timer = undefined;
      this.#ring();
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#at = undefined;
  }
}
