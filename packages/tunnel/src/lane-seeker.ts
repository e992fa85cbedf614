/**
 * Keeps a source's lane: the machine that decides when to dial, by which way, and what to do of what comes of it (`pure/reach`), and the
 * attempts that it makes. One lane at a time asks to carry the session, so that the other end never believes in one that this end has left.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { Alarm } from "./alarm.ts";
import type { AttemptId, Purpose } from "./pure/reach/attempt.ts";
import { deadlineOf, idleReach, step } from "./pure/reach/reach.ts";
import type {
  LaneOutcome,
  Moment,
  ReachConfig,
  ReachEffect,
  ReachEvent,
  ReachState,
} from "./pure/reach/reach-state.ts";
import type { Way } from "./pure/reach/way.ts";
import type { RecoveryEvent } from "./pure/recovery-event.ts";
import type { AttemptOutcome, Candidate } from "./source-attempt.ts";

export interface SeekerDeps {
  readonly clock: Clock;
  readonly chance: () => number;
  readonly config: () => ReachConfig;
  /** Streams that the session carries now. */
  readonly streams: () => number;
  readonly attempt: (way: Way, signal: AbortSignal) => Promise<AttemptOutcome>;
  /** Asks on the lane to carry the session, or to begin another; answered once by `answered`, or by the loss of the lane. */
  readonly ask: (attempt: AttemptId, candidate: Candidate, purpose: Purpose) => void;
  /** The answer was good: the lane carries the session from now on. */
  readonly adopt: (attempt: AttemptId) => void;
  /** Nothing is to come of a lane that was asked; it is closed. */
  readonly drop: (attempt: AttemptId) => void;
  readonly tell: (event: RecoveryEvent) => void;
}

interface Trial {
  readonly purpose: Purpose;
  readonly controller: AbortController;
  candidate: Candidate | undefined;
  isAsked: boolean;
}

export class LaneSeeker implements Disposable {
  readonly #deps: SeekerDeps;
  readonly #alarm: Alarm;
  readonly #trials = new Map<AttemptId, Trial>();
  readonly #events: ReachEvent[] = [];
  #asking: AttemptId | undefined;
  #state: ReachState = idleReach;
  #isStepping = false;

  constructor(deps: SeekerDeps) {
    this.#deps = deps;
    this.#alarm = new Alarm(deps.clock, "next step towards a lane", () => this.step({ kind: "timer" }));
  }

  get state(): ReachState {
    return this.#state;
  }

  /** What comes of one event is done before the next is taken. */
  step(event: ReachEvent): void {
    this.#events.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#take(next);
    } finally {
      this.#isStepping = false;
    }
  }

  /** The lane's answer to what it was asked. */
  answered(attempt: AttemptId, outcome: LaneOutcome): void {
    if (this.#asking === attempt) this.#asking = undefined;
    this.step({ kind: "dialled", attempt, outcome });
    this.#askNext();
  }

  /** The lane was lost, or refused, before its answer was there. */
  failed(attempt: AttemptId, detail: string): void {
    this.#trials.get(attempt)?.candidate?.lane[Symbol.dispose]();
    this.#leave(attempt);
    this.step({ kind: "dial-failed", attempt, reason: "cut-off", detail });
  }

  [Symbol.dispose](): void {
    this.step({ kind: "stopped" });
    this.#alarm[Symbol.dispose]();
  }

  #take(event: ReachEvent): void {
    const { clock, chance, streams, config } = this.#deps;
    const moment: Moment = { now: clock.now(), chance: chance(), streams: streams() };
    const { state, effects } = step(this.#state, event, moment, config());
    this.#state = state;
    for (const effect of effects) this.#do(effect);
    this.#alarm.set(deadlineOf(state));
  }

  #do(effect: ReachEffect): void {
    switch (effect.kind) {
      case "dial":
        void this.#dial(effect);
        return;
      case "abandon":
        this.#abandon(effect.attempt);
        return;
      case "adopt":
        this.#adopt(effect.attempt);
        return;
      case "tell":
        this.#deps.tell(effect.event);
        return;
    }
  }

  async #dial({ attempt, way, purpose }: Extract<ReachEffect, { readonly kind: "dial" }>): Promise<void> {
    const trial: Trial = { purpose, controller: new AbortController(), candidate: undefined, isAsked: false };
    this.#trials.set(attempt, trial);
    const outcome = await this.#deps.attempt(way, trial.controller.signal);
    if (this.#trials.get(attempt) !== trial) {
      if (outcome.kind === "ready") outcome.lane[Symbol.dispose]();
      return;
    }
    if (outcome.kind === "failed") {
      this.#trials.delete(attempt);
      this.step({ ...outcome, kind: "dial-failed", attempt });
      return;
    }
    trial.candidate = outcome;
    this.#askNext();
  }

  #askNext(): void {
    if (this.#asking !== undefined) return;
    for (const [attempt, trial] of this.#trials) {
      const { candidate, purpose } = trial;
      if (candidate === undefined || trial.isAsked) continue;
      this.#asking = attempt;
      trial.isAsked = true;
      this.#deps.ask(attempt, candidate, purpose);
      return;
    }
  }

  #abandon(attempt: AttemptId): void {
    const trial = this.#trials.get(attempt);
    trial?.controller.abort();
    trial?.candidate?.lane[Symbol.dispose]();
    this.#deps.drop(attempt);
    this.#leave(attempt);
  }

  #adopt(attempt: AttemptId): void {
    this.#trials.delete(attempt);
    this.#deps.adopt(attempt);
  }

  #leave(attempt: AttemptId): void {
    this.#trials.delete(attempt);
    if (this.#asking !== attempt) return;
    this.#asking = undefined;
    this.#askNext();
  }
}
