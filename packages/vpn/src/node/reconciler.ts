/** Compares device and table every half minute, or as often as is said, and sooner after a failure, one comparison at a time. */
import { backoff } from "@ropewalk/kernel/backoff";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Log } from "@ropewalk/ops/log";
import type { Drift, PeerWriter } from "./peer-writer.ts";

export interface ReconcileOutcome extends Drift {
  readonly took: Millis;
}

export interface ReconcilerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly writer: Pick<PeerWriter, "reconcile">;
  readonly onDone: (outcome: ReconcileOutcome) => void;
  /** From one to the next; undefined: half a minute. */
  readonly every?: Millis | undefined;
}

const usualPause = seconds(30);
const firstAfterFailure = seconds(1);

export class Reconciler implements AsyncDisposable {
  readonly #deps: ReconcilerDeps;
  #underWay: Promise<ReconcileOutcome> | undefined;
  #last: ReconcileOutcome | undefined;
  #failures = 0;
  #isClosed = false;
  #timer: Timer | undefined;
  #due: Millis = millis(0);

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    this.#arm(this.#pause);
  }

  get #pause(): Millis {
    return this.#deps.every ?? usualPause;
  }

  get last(): ReconcileOutcome | undefined {
    return this.#last;
  }

  /** Now, or the one that is under way. Throws VpnError, VPN_UNDONE. */
  reconcile(): Promise<ReconcileOutcome> {
    this.#underWay ??= this.#run().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** Something could not be done. */
  hasten(): void {
    const isSoon = this.#due <= this.#deps.clock.now() + firstAfterFailure;
    if (this.#failures === 0 && !isSoon) this.#arm(firstAfterFailure);
  }

  /** Of a comparison that was made at `begun` or before. */
  note(drift: Drift, begun: Millis): ReconcileOutcome {
    const { clock, log } = this.#deps;
    const took = millis(clock.now() - begun);
    const isRight = drift.added + drift.removed + drift.updated === 0;
    if (!isRight) log.warn({ ...drift, tookMs: took }, "the device had not the peers that it should");
    this.#last = { ...drift, took };
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    await Promise.allSettled([this.#underWay]);
  }

  async #run(): Promise<ReconcileOutcome> {
    const { clock, writer, onDone } = this.#deps;
    const begun = clock.now();
    try {
      const outcome = this.note(await writer.reconcile(), begun);
      this.#failures = 0;
      this.#arm(this.#pause);
      onDone(outcome);
      return outcome;
    } catch (error) {
      this.#arm(backoff(this.#failures, 1, { first: firstAfterFailure, longest: this.#pause }));
      this.#failures += 1;
      throw error;
    }
  }

  #arm(delay: Millis): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isClosed) return;
    const { clock, log } = this.#deps;
    this.#due = millis(clock.now() + delay);
    this.#timer = clock.after("reconciliation of an exit", delay, () => {
      this.reconcile().catch((error: unknown) => log.warn({ error }, "the exit could not be reconciled"));
    });
  }
}
