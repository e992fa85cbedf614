/**
 * Peers who get no link and are told why. A connection that is closed with something unread in it is reset, and what was said last is
 * lost with it: so what they send is read and dropped until they go, for a moment and of a few of them.
 */
import type { Duplex } from "node:stream";
import type { Clock } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import { encodeFrames } from "../pure/wire/frame-stream.ts";
import { encodeLeave, type LeaveReason } from "../pure/wire/leave-frame.ts";

/** Beyond these nobody is told. */
const most = 32;
const within = seconds(2);

export class TurnedAway implements Disposable {
  readonly #clock: Clock;
  readonly #open = new Set<Duplex>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the connection over. */
  say(stream: Duplex, reason: LeaveReason): void {
    stream.on("error", () => {});
    if (this.#open.size >= most) {
      stream.destroy();
      return;
    }
    this.#open.add(stream);
    const timer = this.#clock.after("peer that was turned away", within, () => stream.destroy());
    stream.on("end", () => stream.destroy());
    stream.on("close", () => {
      timer[Symbol.dispose]();
      this.#open.delete(stream);
    });
    stream.resume();
    stream.write(encodeFrames([encodeLeave(reason)]));
  }

  [Symbol.dispose](): void {
    for (const stream of this.#open) stream.destroy();
  }
}
