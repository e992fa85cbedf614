/** Waits until there is nothing left, for so long at most. */
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";

const look = millis(20);

export async function drained(clock: Clock, within: Millis, left: () => number): Promise<"empty" | "cut"> {
  const until = clock.now() + within;
  while (left() > 0) {
    if (clock.now() >= until) return "cut";
    await sleep(clock, "streams that end by themselves", look);
  }
  return "empty";
}
