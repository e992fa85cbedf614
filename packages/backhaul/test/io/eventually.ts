/** Waits for a condition of the real world: looks again and again until it holds, or fails with what it last saw. */
import { setTimeout as pause } from "node:timers/promises";

/** Resolves with the first `look()` that `isGood`; rejects after `limitMs`. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  isGood: (seen: T) => boolean,
  limitMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (isGood(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms; last seen: ${JSON.stringify(seen)}`);
    await pause(5);
  }
}
