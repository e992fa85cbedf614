/**
 * Whose frames are read when. Of a turn of the event loop all links together have so much, however fast they bring them and whatever they
 * cost; who has brought more waits, and they go on one after the other.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";

/** A turn may have two of these, and the proof of announces besides. */
const ofEachTurn = millis(3);

export class ReadingTurns {
  readonly #clock: Pick<Clock, "now">;
  /** Until when frames are read in this turn; undefined: none were. */
  #until: Millis | undefined;
  #waiting: (() => void)[] = [];

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Whether there is time for more in this turn. */
  get isOpen(): boolean {
    if (this.#until !== undefined) return this.#clock.now() < this.#until;
    this.#until = millis(this.#clock.now() + ofEachTurn);
    setImmediate(() => this.#next());
    return true;
  }

  /** Calls `goOn` in a turn to come, behind all who wait already. To be called where this turn is not open. */
  wait(goOn: () => void): void {
    this.#waiting.push(goOn);
  }

  #next(): void {
    this.#until = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    while (waiting.length > 0 && this.isOpen) waiting.shift()?.();
    this.#waiting.unshift(...waiting);
  }
}
