/**
 * Rehearses: says in the log what would be done to this machine, and does nothing. The first time the whole plan, afterwards what is
 * in it and was not, and the other way round; a plan that is the same is told once.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { millis } from "@ropewalk/kernel/units";
import type { Log } from "@ropewalk/ops/log";
import { planSteps } from "../pure/steering/plan-steps.ts";
import type { Standing } from "../pure/steering/standing.ts";
import type { SteeringPlan } from "../pure/steering/steering-plan.ts";

export interface DryRunDeps {
  readonly view: { observe(listener: () => void): Disposable };
  /** May throw when the kernel's rules cannot be read. */
  readonly plan: () => SteeringPlan;
  readonly nameOf: (ifindex: number) => string;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
}

/** To plan is to read everybody's rules: not at every change of a round trip. */
const betweenLooks = millis(1_000);
const mostLines = 100;

/** Does nothing before `follow`. The caller disposes it. */
export class DryRun implements Disposable {
  readonly #deps: DryRunDeps;
  #observing: Disposable | undefined;
  #told: ReadonlySet<string> = new Set();
  #timer: Timer | undefined;

  constructor(deps: DryRunDeps) {
    this.#deps = deps;
  }

  /** Says what would be done for as long as the standing is a dry run, and begins anew with the next. */
  follow({ kind }: Standing): void {
    if (kind !== "dry-run") this[Symbol.dispose]();
    else if (this.#observing === undefined) this.#begin();
  }

  [Symbol.dispose](): void {
    this.#observing?.[Symbol.dispose]();
    this.#observing = undefined;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#told = new Set();
  }

  #begin(): void {
    const { view, clock } = this.#deps;
    this.#observing = view.observe(() => {
      this.#timer ??= clock.after("dry run", betweenLooks, () => this.#look());
    });
    this.#look();
  }

  #look(): void {
    this.#timer = undefined;
    const { log, plan, nameOf } = this.#deps;
    try {
      const commands = new Set(planSteps(plan(), nameOf).map(({ command }) => command));
      const lines = [
        ...[...this.#told.difference(commands)].map((line) => `- ${line}`),
        ...[...commands.difference(this.#told)].map((line) => `+ ${line}`),
      ];
      this.#told = commands;
      if (lines.length === 0) return;
      log.info(
        { steps: commands.size, plan: lines.slice(0, mostLines) },
        "dry run: the plan is another; nothing of it is done",
      );
    } catch (error) {
      log.warn({ reason: describeError(error) }, "dry run: what would be done cannot be told");
    }
  }
}
