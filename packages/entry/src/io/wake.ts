/** A rest that can be cut short: many calls are one, and what is called while nobody rests lets the next go on at once. */
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";

export class Wake {
  #isDue = false;
  #rest: AbortController | undefined;

  call(): void {
    this.#isDue = true;
    this.#rest?.abort();
  }

  /** Rejects with the signal's reason. */
  async rest(clock: Clock, name: string, time: Millis, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isDue) {
      const rest = new AbortController();
      this.#rest = rest;
      const end = () => rest.abort();
      signal.addEventListener("abort", end, { once: true });
      await sleep(clock, name, time, rest.signal).catch(() => {});
      signal.removeEventListener("abort", end);
      this.#rest = undefined;
    }
    signal.throwIfAborted();
    this.#isDue = false;
  }
}
