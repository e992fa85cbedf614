/**
 * Stopping in order: take no new work, save what must last, put back what was changed, done. Every task has a deadline;
 * one that overruns is abandoned and named, so that a stop always ends.
 */
import { type Clock, withDeadline } from "@ropewalk/kernel/clock";
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, seconds } from "@ropewalk/kernel/units";

/** In the order in which they run; `complete` has no tasks. */
export const shutdownPhases = ["draining", "persisting", "clean-up"] as const;

export type ShutdownPhase = (typeof shutdownPhases)[number];
export type ShutdownState = "running" | ShutdownPhase | "complete";

export interface ShutdownTask {
  readonly name: string;
  /** The signal aborts at the deadline; what still runs then is abandoned. */
  readonly run: (signal: AbortSignal) => Promise<void> | void;
  /** Shorter than its phase's, when the task should not have all of it. */
  readonly deadline?: Millis;
}

export interface ShutdownFailure {
  readonly phase: ShutdownPhase;
  readonly task: string;
  /** What the task threw, or that it overran. */
  readonly error: unknown;
}

export interface ShutdownReport {
  readonly reason: string;
  readonly failures: readonly ShutdownFailure[];
}

export interface ShutdownDeps {
  readonly clock: Clock;
  /** How long the tasks of each phase have; they run side by side. */
  readonly deadlines?: Readonly<Record<ShutdownPhase, Millis>>;
  /** Told when a phase begins and when all is done. */
  readonly onState?: (state: ShutdownState, reason: string) => void;
}

/** In all less than the 90 s that systemd waits (TimeoutStopSec=) and the 30 s of Kubernetes. */
const defaultDeadlines = { draining: seconds(5), persisting: seconds(5), "clean-up": seconds(10) };

export class Shutdown {
  readonly #clock: Clock;
  readonly #deadlines: Readonly<Record<ShutdownPhase, Millis>>;
  readonly #onState: (state: ShutdownState, reason: string) => void;
  readonly #tasks: Readonly<Record<ShutdownPhase, Set<ShutdownTask>>> = {
    draining: new Set(),
    persisting: new Set(),
    "clean-up": new Set(),
  };
  #state: ShutdownState = "running";
  #report: Promise<ShutdownReport> | undefined;

  constructor(deps: ShutdownDeps) {
    this.#clock = deps.clock;
    this.#deadlines = deps.deadlines ?? defaultDeadlines;
    this.#onState = deps.onState ?? (() => {});
  }

  get state(): ShutdownState {
    return this.#state;
  }

  /** Disposing it takes the task out again. A task for a phase that has begun is a defect: it would never run. */
  register(phase: ShutdownPhase, task: ShutdownTask): Disposable {
    if (this.#state !== "running") throw new InternalError(`${task.name} came too late to be part of the shutdown`);
    this.#tasks[phase].add(task);
    return { [Symbol.dispose]: () => void this.#tasks[phase].delete(task) };
  }

  /** Runs the phases once; a further call gives the same report. Never rejects. */
  begin(reason: string): Promise<ShutdownReport> {
    this.#report ??= this.#run(reason);
    return this.#report;
  }

  async #run(reason: string): Promise<ShutdownReport> {
    const failures: ShutdownFailure[] = [];
    for (const phase of shutdownPhases) {
      this.#enter(phase, reason);
      const outcomes = await Promise.all([...this.#tasks[phase]].map((task) => this.#perform(phase, task)));
      failures.push(...outcomes.filter((outcome) => outcome !== undefined));
    }
    this.#enter("complete", reason);
    return { reason, failures };
  }

  #enter(state: ShutdownState, reason: string): void {
    this.#state = state;
    this.#onState(state, reason);
  }

  async #perform(phase: ShutdownPhase, task: ShutdownTask): Promise<ShutdownFailure | undefined> {
    const limit = Math.min(task.deadline ?? this.#deadlines[phase], this.#deadlines[phase]) as Millis;
    const abort = new AbortController();
    const overrun = () => {
      const error = new Error(`${task.name} did not end within ${limit} ms and was abandoned`);
      abort.abort(error);
      return error;
    };
    try {
      const work = Promise.try(() => task.run(abort.signal));
      await withDeadline(this.#clock, `shutdown of ${task.name}`, limit, work, overrun);
      return undefined;
    } catch (error) {
      return { phase, task: task.name, error };
    }
  }
}
