/** What is written to the database in one turn goes out together: statements that do not wait for each other are one call of the system, and wake the server once. */
import type { Writable } from "node:stream";

export class TurnCork {
  readonly #stream: Writable;
  #isHeld = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Until the turn is over. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#stream.cork();
    process.nextTick(() => {
      this.#isHeld = false;
      this.#stream.uncork();
    });
  }
}
