/** Draws changes that come together once: the first change starts a short wait, and all that come in it are drawn at its end. */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";

const togetherWithin = millis(20);

export interface Redraw extends Disposable {
  readonly ask: () => void;
}

export function createRedraw(clock: Clock, draw: () => void): Redraw {
  let pending: Timer | undefined;
  const fire = () => {
    pending = undefined;
    draw();
  };
  return {
    ask: () => {
      if (pending === undefined) pending = clock.after("redraw", togetherWithin, fire);
    },
    [Symbol.dispose]: () => pending?.[Symbol.dispose](),
  };
}
