/** Waiting for something that is looked at again and again, within a limit and until somebody stops the whole. */
import { sleep } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, millis } from "@ropewalk/kernel/units";

const lookEvery = millis(20);

export class Patience {
  readonly #signal: AbortSignal;
  readonly #limit: Millis;
  readonly #clock = createSystemClock();

  constructor(signal: AbortSignal, limit: Millis) {
    this.#signal = signal;
    this.#limit = limit;
  }

  /** False when it is not so within the limit. Rejects with the signal's reason. */
  async until(isSo: () => boolean): Promise<boolean> {
    const end = this.#clock.now() + this.#limit;
    while (!isSo()) {
      if (this.#clock.now() > end) return false;
      await this.rest(lookEvery);
    }
    return true;
  }

  /** Rejects with the signal's reason. */
  rest(duration: Millis): Promise<void> {
    return sleep(this.#clock, "demo", duration, this.#signal);
  }
}
