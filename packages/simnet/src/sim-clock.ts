/**
 * Time as one simulated process sees it. A stall stops the process, as SIGSTOP, a long collection of garbage or a busy host
 * would: what falls due meanwhile comes when it ends, all at once, timers before receptions, as libuv's loop has it
 * (docs.libuv.org/en/v1.x/design.html, "The I/O loop").
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import { Happening, type VirtualTime } from "./virtual-time.ts";

export class SimClock implements Clock {
  readonly #time: VirtualTime;
  #wall: number;
  #stalledUntil: number | undefined;
  readonly #lateTimers: SimTimer[] = [];
  readonly #lateReceptions: (() => void)[] = [];

  constructor(time: VirtualTime, wallStart: number = Date.UTC(2026, 0, 1)) {
    this.#time = time;
    this.#wall = wallStart;
  }

  get isStalled(): boolean {
    return this.#stalledUntil !== undefined;
  }

  now(): Millis {
    return this.#time.now;
  }

  wall(): number {
    return this.#wall + this.#time.now;
  }

  after(name: string, delay: Millis, fire: () => void): Timer {
    const timer = new SimTimer(this, name, fire);
    this.#time.schedule(this.#time.now + delay, timer);
    return timer;
  }

  /** Moves wall time alone, as an operator or NTP would. */
  jumpWall(by: number): void {
    this.#wall += by;
  }

  /** Stops the process for at least `time` from now; a longer stall that is under way goes on. */
  stall(time: Millis): void {
    const until = this.#time.now + time;
    if (this.#stalledUntil !== undefined && until <= this.#stalledUntil) return;
    this.#stalledUntil = until;
    this.#time.after(time, () => {
      if (this.#stalledUntil === until) this.#wake();
    });
  }

  /** Runs `work` now, or when the stall ends. Receive buffers have no end here. */
  receive(work: () => void): void {
    if (this.#stalledUntil === undefined) work();
    else this.#lateReceptions.push(work);
  }

  /** A timer's own call. */
  fire(timer: SimTimer): void {
    if (this.#stalledUntil === undefined) timer.run();
    else this.#lateTimers.push(timer);
  }

  cancel(timer: SimTimer): void {
    this.#time.cancel(timer);
  }

  #wake(): void {
    this.#stalledUntil = undefined;
    // Whatever a callback throws, and a stall that one begins, leaves the rest for later.
    while (this.#stalledUntil === undefined) {
      const timer = this.#lateTimers.shift();
      const reception = timer === undefined ? this.#lateReceptions.shift() : undefined;
      if (timer !== undefined) timer.run();
      else if (reception !== undefined) reception();
      else return;
    }
  }
}

class SimTimer extends Happening implements Timer {
  readonly name: string;
  readonly #clock: SimClock;
  #fire: (() => void) | undefined;

  constructor(clock: SimClock, name: string, fire: () => void) {
    super();
    this.#clock = clock;
    this.name = name;
    this.#fire = fire;
  }

  happen(): void {
    this.#clock.fire(this);
  }

  run(): void {
    const fire = this.#fire;
    this.#fire = undefined;
    fire?.();
  }

  [Symbol.dispose](): void {
    this.#fire = undefined;
    this.#clock.cancel(this);
  }
}
