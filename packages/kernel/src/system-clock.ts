/** The real clock. Made once, where the program is composed. */
import { type Clock, longestDelay, type Timer } from "./clock.ts";
import { type Millis, millis } from "./units.ts";

export function createSystemClock(): Clock {
  return {
    now: () => millis(performance.now()),
    wall: () => Date.now(),
    after(name: string, delay: Millis, fire: () => void): Timer {
      const handle = setTimeout(fire, Math.min(delay, longestDelay));
      return { name, [Symbol.dispose]: () => clearTimeout(handle) };
    },
  };
}
