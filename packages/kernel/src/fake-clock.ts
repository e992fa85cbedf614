/** A clock that tests move by hand; timers fire in order of their time, ties in order of their making. */
import type { Clock, Timer } from "./clock.ts";
import { type Millis, millis } from "./units.ts";

interface Pending {
  readonly at: number;
  readonly name: string;
  readonly fire: () => void;
}

export class FakeClock implements Clock {
  #now = 0;
  #wall: number;
  #pending: Pending[] = [];

  constructor(wallStart: number = Date.UTC(2026, 0, 1)) {
    this.#wall = wallStart;
  }

  now(): Millis {
    return millis(this.#now);
  }

  wall(): number {
    return this.#wall + this.#now;
  }

  after(name: string, delay: Millis, fire: () => void): Timer {
    const pending = { at: this.#now + delay, name, fire };
    this.#pending.push(pending);
    return {
      name,
      [Symbol.dispose]: () => {
        this.#pending = this.#pending.filter((other) => other !== pending);
      },
    };
  }

  /** Moves time forward, firing what falls due on the way, timers set by timers included. */
  advance(by: Millis): void {
    const end = this.#now + by;
    for (;;) {
      const next = this.#pending.filter((pending) => pending.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#pending = this.#pending.filter((pending) => pending !== next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
    }
    this.#now = end;
  }

  /** Moves wall time alone, as an operator or NTP would. */
  jumpWall(by: number): void {
    this.#wall += by;
  }

  /** Names of the timers that wait, soonest first. */
  pendingTimers(): readonly string[] {
    return this.#pending.toSorted((a, b) => a.at - b.at).map((pending) => pending.name);
  }
}
