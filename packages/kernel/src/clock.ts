/**
 * The port through which time reaches the product. Intervals use the monotonic clock;
 * wall time is for logs, certificates and files that other programs wrote.
 */
import { type Millis, millis } from "./units.ts";

/** A pending timer. Disposing it cancels it; disposing it twice is harmless. */
export interface Timer extends Disposable {
  readonly name: string;
}

export interface Clock {
  /** Monotonic time since an arbitrary start. It does not run while the machine is suspended. */
  now(): Millis;
  /** Milliseconds since 1970-01-01T00:00:00Z; may jump. */
  wall(): number;
  /** Calls `fire` once, not before `delay` has passed. The name is for diagnostics. */
  after(name: string, delay: Millis, fire: () => void): Timer;
}

/** Resolves after `delay`, or rejects with the signal's reason. */
export function sleep(clock: Clock, name: string, delay: Millis, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = clock.after(name, delay, () => {
      signal?.removeEventListener("abort", cancel);
      resolve();
    });
    const cancel = () => {
      timer[Symbol.dispose]();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** Settles as `work` does, or rejects with `onTimeout()` when `limit` passes first. The work itself is not stopped. */
export function withDeadline<T>(
  clock: Clock,
  name: string,
  limit: Millis,
  work: Promise<T>,
  onTimeout: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(name, limit, () => reject(onTimeout()));
    const settle =
      <Result>(end: (result: Result) => void) =>
      (result: Result) => {
        timer[Symbol.dispose]();
        end(result);
      };
    work.then(settle(resolve), settle(reject));
  });
}

/** The longest delay that one JavaScript timer can hold (2^31 - 1 ms, about 24.8 days). */
export const longestDelay: Millis = millis(2 ** 31 - 1);
