/** The end of an end: nothing new is taken, what is there may finish, and each second says what is left. */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { Log } from "@ropewalk/ops/log";
import type { RunningEnd } from "./running-end.ts";

/** So long streams have to end by themselves; systemd and Kubernetes wait longer than that and what comes after. */
export const drainWithin: Millis = seconds(30);

export async function drainEnd(end: RunningEnd, clock: Clock, log: Log): Promise<void> {
  const since = clock.now();
  let timer: Timer | undefined;
  const tell = () => {
    const left = end.streams().length;
    if (left > 0) log.info({ streams: left, secondsLeft: secondsLeft(clock, since) }, "streams are left");
    timer = clock.after("lines about draining", seconds(1), tell);
  };
  tell();
  try {
    const outcome = await end.drain(drainWithin);
    if (outcome === "cut") log.warn({}, "streams were cut: their time was over");
  } finally {
    timer?.[Symbol.dispose]();
  }
}

function secondsLeft(clock: Clock, since: Millis): number {
  return Math.max(0, Math.ceil((drainWithin - (clock.now() - since)) / 1000));
}
