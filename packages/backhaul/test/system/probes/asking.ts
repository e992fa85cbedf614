/** Asks a runner and waits for the outcome, within a time after which the test has failed. */
import { createProbeRunner } from "@ropewalk/backhaul/io/probes/create-probe-runner";
import type { ProbeRunner } from "@ropewalk/backhaul/io/probes/probe-runner";
import type { ProbeOutcome, ProbePath, ProbeQuestion, ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import type { PathSockets } from "@ropewalk/host/ports";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, seconds } from "@ropewalk/kernel/units";

export const clock = createSystemClock();
export const sockets: PathSockets = createLinuxPathSockets(createNative(), { chance: Math.random });

export class Asking implements AsyncDisposable {
  readonly runner: ProbeRunner;
  readonly outcomes: ProbeOutcome[] = [];
  readonly #waiting = new Map<number, (outcome: ProbeOutcome) => void>();
  #id = 0;

  constructor(paths: readonly ProbePath[], authorities?: string) {
    this.runner = createProbeRunner(
      { authorities },
      { sockets, clock, chance: Math.random, onOutcome: (outcome) => this.#hear(outcome) },
    );
    this.runner.follow(paths);
  }

  /** Sends without waiting. */
  send(path: ProbePath, question: ProbeQuestion, limit: Millis = seconds(2)): number {
    this.#id += 1;
    this.runner.run({ id: this.#id, path, question, limit });
    return this.#id;
  }

  ask(path: ProbePath, question: ProbeQuestion, limit: Millis = seconds(2)): Promise<ProbeOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<ProbeOutcome>();
    const timer = setTimeout(() => reject(new Error(`no outcome of ${JSON.stringify(question)}`)), limit + 30_000);
    this.#waiting.set(this.send(path, question, limit), resolve);
    return promise.finally(() => clearTimeout(timer));
  }

  async result(path: ProbePath, question: ProbeQuestion, limit?: Millis): Promise<ProbeResult> {
    return (await this.ask(path, question, limit)).result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner[Symbol.asyncDispose]();
  }

  #hear(outcome: ProbeOutcome): void {
    this.outcomes.push(outcome);
    this.#waiting.get(outcome.id)?.(outcome);
    this.#waiting.delete(outcome.id);
  }
}
