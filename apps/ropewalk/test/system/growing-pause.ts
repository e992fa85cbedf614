/** Between two looks at what must come about: short at first, and never so short that looking takes what it waits for its time. */
import { setTimeout as delay } from "node:timers/promises";

/** Waits for a twentieth of the time since `began` (performance.now), at least 10 ms and at most 100 ms. */
export function growingPause(began: number): Promise<void> {
  return delay(Math.min(100, Math.max(10, (performance.now() - began) / 20)));
}
