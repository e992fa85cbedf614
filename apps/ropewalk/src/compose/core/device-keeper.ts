/**
 * Makes the device anew when it is gone, or was started again without its key: a process that died, or that somebody ended. Peers are written
 * to it again by the exit's own comparison.
 */

import { backoff } from "@ropewalk/kernel/backoff";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { Log } from "@ropewalk/ops/log";

export interface DeviceKeeperDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Whether it answers and has its key. Rejects where it does not. */
  readonly isRight: () => Promise<boolean>;
  readonly bringUp: () => Promise<void>;
  /** Writes to it whom it is to carry. */
  readonly fill: () => Promise<unknown>;
}

/** Whoever started it may do so again. */
const firstLook = millis(50);
/** To read a device with ten thousand peers takes a tenth of a second, and whatever is amiss may be told often. */
const betweenLooks = seconds(1);
const again = { first: seconds(1), longest: seconds(30) };

export class DeviceKeeper implements AsyncDisposable {
  readonly #deps: DeviceKeeperDeps;
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #failures = 0;
  #nextLook = millis(0);
  #isOver = false;

  constructor(deps: DeviceKeeperDeps) {
    this.#deps = deps;
  }

  /** Something may be amiss with it. */
  look(): void {
    if (this.#timer !== undefined || this.#working !== undefined) return;
    this.#set(millis(Math.max(firstLook, this.#nextLook - this.#deps.clock.now())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    await this.#working;
  }

  #set(delay: typeof firstLook): void {
    if (this.#isOver) return;
    this.#timer = this.#deps.clock.after("a look at the device", delay, () => {
      this.#timer = undefined;
      this.#working = this.#work().finally(() => {
        this.#working = undefined;
      });
    });
  }

  async #work(): Promise<void> {
    const { clock, log, isRight, bringUp, fill } = this.#deps;
    this.#nextLook = millis(clock.now() + betweenLooks);
    if (await isRight().catch(() => false)) {
      this.#failures = 0;
      return;
    }
    try {
      await bringUp();
      await fill();
      this.#failures = 0;
      log.warn({}, "the device was gone, and is there again");
    } catch (error) {
      const delay = backoff(this.#failures, 1, again);
      this.#failures += 1;
      log.error({ reason: describeError(error), againInMs: delay }, "the device is gone, and could not be made anew");
      this.#set(delay);
    }
  }
}
