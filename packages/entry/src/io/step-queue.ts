/**
 * Steps of this replica on their way into the database. Those that come while a transaction is under way go together in the next: the more wait,
 * the more go at once. Answers have a lane of their own, for they draw no generation and wait for no node's counter.
 */
import { type Clock, withDeadline } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import { EntryError, type EntryErrorCode } from "../errors.ts";
import type { Database } from "./database.ts";
import { type StepDeps, stepTogether } from "./step-transaction.ts";
import type { StepResult, StepWork } from "./step-work.ts";
import type { Stepped } from "./step-writing.ts";

export interface StepQueueDeps extends StepDeps {
  readonly database: Database;
  /** Right behind the commit, before who asked is told. */
  readonly onStepped: (stepped: Stepped, claimedAt: Millis) => void;
  readonly clock: Clock;
}

interface Waiting {
  readonly work: StepWork;
  readonly resolve: (result: StepResult) => void;
  readonly reject: (error: unknown) => void;
  attempts: number;
}

/** In a transaction, and in a lane. */
const [most, mostWaiting] = [256, 8_192];
/** Of a work that others were in the way of. */
const mostAttempts = 8;
/** They are not one work's fault. */
const ofTheDatabase: readonly EntryErrorCode[] = [
  "ENTRY_DATABASE_DOWN",
  "ENTRY_DATABASE_UNSURE",
  "ENTRY_DATABASE_FULL",
];

class Lane {
  readonly waiting: Waiting[] = [];
  running: Promise<void> | undefined;
}

export class StepQueue {
  readonly #deps: StepQueueDeps;
  readonly #ordering = new Lane();
  readonly #answering = new Lane();
  #accepts: "all" | "what is under way" | "nothing" = "all";
  #transactions = 0;
  #steps = 0;

  constructor(deps: StepQueueDeps) {
    this.#deps = deps;
  }

  get waiting(): number {
    return this.#ordering.waiting.length + this.#answering.waiting.length;
  }

  /** Since the start: how many steps there were, in how many transactions. */
  get done(): { readonly transactions: number; readonly steps: number } {
    return { transactions: this.#transactions, steps: this.#steps };
  }

  /** Settled behind the commit. Rejects with an EntryError. */
  do(work: StepWork): Promise<StepResult> {
    const lane = work.kind === "answer" ? this.#answering : this.#ordering;
    const isAsked = work.kind === "start" || work.kind === "end" || work.kind === "move";
    if (this.#accepts === "nothing" || (isAsked && this.#accepts !== "all"))
      return Promise.reject(new EntryError("ENTRY_STOPPING", "entry is stopping; ask another replica"));
    if (lane.waiting.length >= mostWaiting)
      return Promise.reject(
        new EntryError("ENTRY_DATABASE_BUSY", `${mostWaiting} changes wait for the database already; try again later`),
      );
    const { promise, resolve, reject } = Promise.withResolvers<StepResult>();
    lane.waiting.push({ work, resolve, reject, attempts: 0 });
    this.#pump(lane);
    return promise;
  }

  /** From now on nothing new is begun; answers to what is under way are taken. */
  close(): void {
    this.#accepts = "what is under way";
  }

  /** What waits is done; who comes is refused. */
  async stop(within: Millis): Promise<void> {
    this.#accepts = "nothing";
    const all = Promise.all([this.#ordering.running, this.#answering.running]).then(() => {});
    await withDeadline(this.#deps.clock, "last steps", within, all, () => new Error()).catch(() => {});
  }

  #pump(lane: Lane): void {
    lane.running ??= this.#drain(lane).finally(() => {
      lane.running = undefined;
      if (lane.waiting.length > 0) this.#pump(lane);
    });
  }

  async #drain(lane: Lane): Promise<void> {
    // Who came in the same turn goes along.
    await Promise.resolve();
    while (lane.waiting.length > 0) await this.#together(takeApart(lane.waiting), lane);
  }

  async #together(batch: readonly Waiting[], lane: Lane): Promise<void> {
    const { database, clock, onStepped } = this.#deps;
    const works = batch.map(({ work }) => work);
    try {
      // A claim is over for its owner no later than for the database.
      let claimedAt = clock.now();
      const stepped = await database.pipelined((pipeline) => {
        claimedAt = clock.now();
        return stepTogether(pipeline, works, this.#deps);
      });
      this.#transactions += 1;
      this.#steps += works.length;
      onStepped(stepped, claimedAt);
      batch.forEach((one, index) => {
        const result = stepped.results[index];
        if (result !== undefined) this.#settle(one, result, lane);
      });
    } catch (error) {
      // One that fails is found by trying each alone.
      const isEverybodys = error instanceof EntryError && ofTheDatabase.includes(error.code);
      if (batch.length > 1 && !isEverybodys) await Promise.all(batch.map((one) => this.#together([one], lane)));
      else for (const { reject } of batch) reject(error);
    }
  }

  #settle(one: Waiting, result: StepResult, lane: Lane): void {
    one.attempts += 1;
    if (result.kind === "again" && one.attempts < mostAttempts) lane.waiting.push(one);
    else one.resolve(result);
  }
}

/** The first of them, without a second for the same session or customer. */
function takeApart(waiting: Waiting[]): readonly Waiting[] {
  const [taken, left]: [Waiting[], Waiting[]] = [[], []];
  const subjects = new Set<string>();
  for (const one of waiting) {
    const subject = one.work.kind === "start" ? one.work.request.customer : one.work.session;
    const isTaken = taken.length < most && !subjects.has(subject);
    if (isTaken) subjects.add(subject);
    (isTaken ? taken : left).push(one);
  }
  waiting.splice(0, waiting.length, ...left);
  return taken;
}
