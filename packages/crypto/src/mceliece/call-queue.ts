/**
 * Calls that wait for a few workers: first come, first served, and no more of them than a limit. A call that is given up leaves the
 * queue; if it runs, a key being made is stopped, and what is nearly done is finished and thrown away.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { CryptoError } from "../errors.ts";
import { type Job, partsOf, type WorkerAnswer } from "./worker-messages.ts";

export interface CallOptions {
  /** The call fails with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** The call fails with CRYPTO_WORKERS_LATE, whether it waited or ran. */
  readonly within?: Millis | undefined;
}

/** What the queue needs of a `WorkerThread`. */
export interface CallThread {
  readonly isIdle: boolean;
  keeps(name: string): boolean;
  run(job: Job): Promise<WorkerAnswer>;
  stop(reason: unknown): void;
  ended(): Promise<void>;
}

interface Call extends PromiseWithResolvers<WorkerAnswer> {
  readonly job: Job;
  thread: CallThread | undefined;
  isGivenUp: boolean;
}

/** A worker that takes longer is taken for dead: a thousand times what a call takes. */
const longestRun: Readonly<Record<Job["kind"], Millis>> = {
  generate: seconds(600),
  encapsulate: seconds(60),
  decapsulate: seconds(60),
};

export class CallQueue {
  readonly #threads: readonly CallThread[];
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #waiting: Call[] = [];
  #isClosed = false;

  constructor(threads: readonly CallThread[], limit: number, clock: Clock) {
    this.#threads = threads;
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Throws CRYPTO_WORKERS_BUSY, _LATE and _CLOSED, CRYPTO_WORKER_DIED, and the signal's reason. */
  async call(job: Job, { signal, within = longestRun[job.kind] }: CallOptions): Promise<WorkerAnswer> {
    if (this.#isClosed) throw closed();
    signal?.throwIfAborted();
    if (this.#waiting.length >= this.#limit) throw busy(this.#limit);
    const call: Call = { job, thread: undefined, isGivenUp: false, ...Promise.withResolvers<WorkerAnswer>() };
    this.#waiting.push(call);
    const abort = () => this.#giveUp(call, signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    using _deadline = this.#clock.after("mceliece call", within, () => this.#giveUp(call, late(within)));
    this.#dispatch();
    try {
      return await call.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Fails what waits and what runs with CRYPTO_WORKERS_CLOSED, and settles when the workers have gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const call of this.#waiting.splice(0)) call.reject(closed());
    for (const thread of this.#threads) thread.stop(closed());
    await Promise.all(this.#threads.map((thread) => thread.ended()));
  }

  #dispatch(): void {
    for (let [call] = this.#waiting; call !== undefined; [call] = this.#waiting) {
      const thread = this.#threadFor(call.job);
      if (thread === undefined) return;
      this.#waiting.shift();
      void this.#perform(call, thread);
    }
  }

  /** An idle one, best one that has the key. */
  #threadFor(job: Job): CallThread | undefined {
    const idle = this.#threads.filter((thread) => thread.isIdle);
    return idle.find((thread) => "key" in job && thread.keeps(job.key.name)) ?? idle[0];
  }

  async #perform(call: Call, thread: CallThread): Promise<void> {
    call.thread = thread;
    const limit = longestRun[call.job.kind];
    try {
      using _watch = this.#clock.after("mceliece worker", limit, () => thread.stop(stuck(limit)));
      const answer = await thread.run(call.job);
      if (call.isGivenUp) for (const part of partsOf(answer)) part.fill(0);
      else call.resolve(answer);
    } catch (error) {
      call.reject(error);
    }
    this.#dispatch();
  }

  #giveUp(call: Call, reason: unknown): void {
    call.isGivenUp = true;
    call.reject(reason);
    const place = this.#waiting.indexOf(call);
    if (place >= 0) this.#waiting.splice(place, 1);
    else if (call.job.kind === "generate") call.thread?.stop(reason);
  }
}

function closed(): CryptoError {
  return new CryptoError(
    "CRYPTO_WORKERS_CLOSED",
    "the McEliece workers were closed; a call after that is a defect of its caller",
  );
}

function busy(limit: number): CryptoError {
  return new CryptoError(
    "CRYPTO_WORKERS_BUSY",
    `${limit} calls wait for the McEliece workers already; refuse the peer, or allow more workers`,
  );
}

function late(within: Millis): CryptoError {
  return new CryptoError(
    "CRYPTO_WORKERS_LATE",
    `the McEliece workers did not answer within ${within} ms; refuse the peer, or allow more workers`,
  );
}

function stuck(limit: Millis): CryptoError {
  return new CryptoError(
    "CRYPTO_WORKER_DIED",
    `a McEliece worker was stopped after ${limit} ms without an answer; call again`,
  );
}
