/** Ends what is left on ways that must be empty once their time is over, and looks again until nothing is. */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type Drain, type DrainInput, type Drains, drainsAfter, noDrains } from "../pure/steering/drains.ts";
import type { Way } from "../pure/steering/stranded.ts";
import type { SteeringAct } from "../steering-event.ts";
import { drainedEvent } from "./accounts.ts";
import type { EndedTraffic } from "./ended-traffic.ts";

export interface DrainerDeps {
  readonly clock: Clock;
  readonly end: (ways: readonly Way[]) => readonly EndedTraffic[];
  readonly onAct: (act: SteeringAct) => void;
}

/** Whoever is about to begin anew on the old way is caught by the next look. */
const lookAgain = millis(1_000);
/** What insists on the way, by a source of its own, is not hunted for ever. */
const mostLooks = 5;

/** The caller disposes it; nothing is ended any more then. */
export class Drainer implements Disposable {
  readonly #deps: DrainerDeps;
  #drains: Drains = noDrains;
  /** Ways that were emptied, or given up, since they began to drain. */
  readonly #emptied = new Set<string>();
  readonly #looks = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(deps: DrainerDeps) {
    this.#deps = deps;
  }

  follow(input: Omit<DrainInput, "now">): void {
    this.#drains = drainsAfter(this.#drains, { ...input, now: this.#deps.clock.now() });
    for (const key of [...this.#emptied, ...this.#looks.keys()]) {
      if (this.#drains.has(key)) continue;
      this.#emptied.delete(key);
      this.#looks.delete(key);
    }
    this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const open = [...this.#drains].filter(([key]) => !this.#emptied.has(key));
    if (open.length === 0) return;
    const at = Math.min(...open.map(([key, drain]) => this.#dueAt(key, drain)));
    const delay = millis(Math.max(0, at - this.#deps.clock.now()));
    this.#timer = this.#deps.clock.after("drain", delay, () => this.#look());
  }

  #dueAt(key: string, { endsAt }: Drain): Millis {
    return millis(endsAt + (this.#looks.get(key) ?? 0) * lookAgain);
  }

  #look(): void {
    const now = this.#deps.clock.now();
    const due = [...this.#drains].filter(([key, drain]) => !this.#emptied.has(key) && now >= this.#dueAt(key, drain));
    const ends = this.#deps.end(due.map(([, { way }]) => way));
    for (const [index, [key, drain]] of due.entries()) {
      const looks = (this.#looks.get(key) ?? 0) + 1;
      const ended = ends[index];
      if (ended === undefined) throw new InternalError(`nothing is said of the end of ${key}`);
      const isEmpty = ended.sockets.removed + ended.flows.removed === 0;
      this.#looks.set(key, looks);
      if (isEmpty || looks === mostLooks) this.#emptied.add(key);
      this.#deps.onAct(drainedEvent(drain, ended, isEmpty));
    }
    this.#schedule();
  }
}
