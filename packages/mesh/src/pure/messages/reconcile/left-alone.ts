/**
 * Until when a neighbour is left alone: after each meeting that failed, or of which nothing came, twice as long as before. A meeting that is
 * worth something ends that.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { MeetingLimits } from "./meeting-limits.ts";

export class LeftAlone {
  readonly #limits: Pick<MeetingLimits, "rest" | "longestRest">;
  #failures = 0;
  #until: Millis = millis(0);
  /** The other end was asked for what it said to have, and was given nothing. */
  #isOwed = false;

  constructor(limits: Pick<MeetingLimits, "rest" | "longestRest">) {
    this.#limits = limits;
  }

  get until(): Millis {
    return this.#until;
  }

  /** Whether it is over. Who gave nothing of what he said to have is left alone from when he is to be met again. */
  isOver(now: Millis): boolean {
    if (this.#isOwed) this.failed(now);
    return now >= this.#until;
  }

  failed(now: Millis): void {
    const { rest, longestRest } = this.#limits;
    this.#isOwed = false;
    this.#until = millis(now + Math.min(longestRest, rest * 2 ** this.#failures));
    this.#failures += 1;
  }

  met(worth: "something" | "promises"): void {
    this.#isOwed = worth === "promises";
    if (!this.#isOwed) this.#failures = 0;
  }
}
