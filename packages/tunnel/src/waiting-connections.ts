/** Connections to exposed ports for which there is no session yet: they wait for one, and are reset when none comes in time. */
import type { TcpConnection } from "@ropewalk/host/tcp";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import type { Exposure } from "./pure/exposures.ts";

/** What was read of it stays in the kernel: it was not started. */
export interface WaitingConnection {
  readonly connection: TcpConnection;
  readonly exposure: Exposure;
  readonly place: Disposable;
}

export class WaitingConnections implements Disposable {
  readonly #clock: Clock;
  /** As many as exposed ports let in. */
  readonly #waiting = new Map<WaitingConnection, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(waiting: WaitingConnection, within: Millis): void {
    const timer = this.#clock.after("a connection without a session", within, () => this.#refuse(waiting));
    this.#waiting.set(waiting, timer);
  }

  /** All, in the order in which they came; they are the caller's. */
  takeAll(): readonly WaitingConnection[] {
    const all = [...this.#waiting.keys()];
    for (const timer of this.#waiting.values()) timer[Symbol.dispose]();
    this.#waiting.clear();
    return all;
  }

  [Symbol.dispose](): void {
    for (const waiting of [...this.#waiting.keys()]) this.#refuse(waiting);
  }

  #refuse(waiting: WaitingConnection): void {
    this.#waiting.get(waiting)?.[Symbol.dispose]();
    this.#waiting.delete(waiting);
    waiting.connection.reset();
    waiting.place[Symbol.dispose]();
  }
}
