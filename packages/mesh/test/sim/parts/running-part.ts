/**
 * A part of a simulated mesh that runs beside others. What a node says to one of another part takes the least delay of the cables between parts at
 * least: so a part may be ahead of the others by as much, and all are heard in time. Source: Chandy and Misra, "Distributed simulation: a case
 * study in design and verification of distributed programs", IEEE Transactions on Software Engineering SE-5, 1979.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { MeshSim } from "../mesh-sim.ts";
import type { Crossing } from "./crossing.ts";
import type { Pace } from "./pace.ts";

/** Into so many steps the least delay is divided: who has more to do in one of them may catch up before others wait for him. */
const lead = 4;

export interface RunningPartOptions {
  readonly sim: MeshSim;
  readonly crossing: Crossing;
  readonly pace: Pace;
  /** Of cables between parts. */
  readonly leastDelay: Millis;
}

export class RunningPart {
  readonly #options: RunningPartOptions;

  constructor(options: RunningPartOptions) {
    this.#options = options;
  }

  get now(): Millis {
    return this.#options.sim.time.now;
  }

  /** Whether it need not wait for others. */
  get isFree(): boolean {
    const { pace } = this.#options;
    return pace.have(pace.steps + 1 - lead);
  }

  /** Goes on by a step, until then at the most; all parts are told the same. */
  step(until: Millis): void {
    const { sim, crossing, pace, leastDelay } = this.#options;
    pace.await(pace.steps + 1 - lead);
    crossing.receiveInto(sim);
    sim.time.runUntil(millis(Math.min(this.now + leastDelay / lead, until)));
    crossing.send(this.now);
    pace.step();
  }
}
