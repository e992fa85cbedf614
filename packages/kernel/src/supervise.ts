/**
 * Long-running work under a supervisor: a task that fails is told, and started again after a growing wait,
 * until the signal aborts. No promise of a service is left unowned.
 */
import { type BackoffConfig, backoff } from "./backoff.ts";
import { type Clock, sleep } from "./clock.ts";
import { type Millis, seconds } from "./units.ts";

export interface Supervised {
  readonly name: string;
  /** Runs until it is done (never called again) or fails (called again). */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly onFailure: (failure: {
    readonly error: unknown;
    readonly attempt: number;
    readonly retryIn: Millis;
  }) => void;
  readonly backoff?: BackoffConfig;
  /** A run that lasted this long counts as good: the next failure starts from the first wait again. */
  readonly goodAfter?: Millis;
}

const defaultBackoff: BackoffConfig = { first: seconds(0.2), longest: seconds(30) };

/** Settles when the task is done or the signal aborts; never rejects. */
export async function supervise(
  task: Supervised,
  deps: { readonly clock: Clock; readonly chance: () => number },
  signal: AbortSignal,
): Promise<void> {
  let attempt = 0;
  while (!signal.aborted) {
    const started = deps.clock.now();
    try {
      return await task.run(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (deps.clock.now() - started >= (task.goodAfter ?? seconds(60))) attempt = 0;
      const retryIn = backoff(attempt, deps.chance(), task.backoff ?? defaultBackoff);
      task.onFailure({ error, attempt, retryIn });
      attempt += 1;
      await sleep(deps.clock, `restart ${task.name}`, retryIn, signal).catch(() => {});
    }
  }
}
