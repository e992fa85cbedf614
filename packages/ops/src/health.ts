/**
 * How well a program is, from what each of its subsystems says of itself; the whole is as well as its worst part.
 * Nothing here measures: a subsystem that has not reported is not known to be well, and the program is not ready.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { InternalError } from "@ropewalk/kernel/errors";

/** From best to worst. */
export const healthStates = ["healthy", "degraded", "draining", "unhealthy"] as const;

export type HealthState = (typeof healthStates)[number];

export interface SubsystemHealth {
  readonly name: string;
  /** Null until the first report. */
  readonly state: HealthState | null;
  /** Why; null when there is nothing to say. */
  readonly reason: string | null;
  /** When the state or its reason last changed, ISO 8601; null before the first report. */
  readonly since: string | null;
}

export interface HealthSnapshot {
  readonly state: HealthState;
  /** Every subsystem has reported once and the program is neither draining nor unhealthy. */
  readonly ready: boolean;
  readonly subsystems: readonly SubsystemHealth[];
}

/** How one subsystem speaks of itself. A state other than healthy needs its reason. */
export interface HealthReporter {
  healthy(): void;
  report(state: Exclude<HealthState, "healthy">, reason: string): void;
  /** The subsystem is gone and no longer counts. */
  [Symbol.dispose](): void;
}

export class HealthRegistry {
  readonly #clock: Pick<Clock, "wall">;
  readonly #subsystems = new Map<string, SubsystemHealth>();

  constructor(deps: { readonly clock: Pick<Clock, "wall"> }) {
    this.#clock = deps.clock;
  }

  /** Announces a subsystem; the program is not ready before it has reported. */
  subsystem(name: string): HealthReporter {
    if (this.#subsystems.has(name)) throw new InternalError(`the subsystem ${name} reports its health twice`);
    this.#subsystems.set(name, { name, state: null, reason: null, since: null });
    return {
      healthy: () => this.#note(name, "healthy", null),
      report: (state, reason) => this.#note(name, state, reason),
      [Symbol.dispose]: () => {
        this.#subsystems.delete(name);
      },
    };
  }

  snapshot(): HealthSnapshot {
    const subsystems = [...this.#subsystems.values()];
    const state = worst(subsystems.flatMap((subsystem) => (subsystem.state === null ? [] : [subsystem.state])));
    const isKnown = subsystems.every((subsystem) => subsystem.state !== null);
    return { state, ready: isKnown && isServing(state), subsystems };
  }

  #note(name: string, state: HealthState, reason: string | null): void {
    const before = this.#subsystems.get(name);
    if (before === undefined || (before.state === state && before.reason === reason)) return;
    this.#subsystems.set(name, { name, state, reason, since: new Date(this.#clock.wall()).toISOString() });
  }
}

/** Whether a program in this state should be sent work and left running. */
export function isServing(state: HealthState): boolean {
  return state === "healthy" || state === "degraded";
}

function worst(states: readonly HealthState[]): HealthState {
  return healthStates[Math.max(0, ...states.map((state) => healthStates.indexOf(state)))] ?? "unhealthy";
}
