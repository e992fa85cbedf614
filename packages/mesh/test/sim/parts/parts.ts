/** A simulated mesh in however many parts, as who has it simulated asks them; whole, or in parts that take turns. */
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshSim } from "../mesh-sim.ts";
import { channelsBetween } from "./channels.ts";
import { Crossing } from "./crossing.ts";
import { atTheStart, Pace } from "./pace.ts";
import { RunningPart } from "./running-part.ts";
import { noVerdicts } from "./shared-verdicts.ts";

/** To go on until then, and whatever else. */
export interface PartOrder {
  readonly until: Millis;
}

/** One part, which does what else it is ordered when it has come there, and answers. */
export interface Part<Order extends PartOrder, Answer> {
  readonly sim: MeshSim;
  /** Of cables between parts. */
  readonly leastDelay: Millis;
  answer(order: Order): Answer;
}

export interface Parts<Order extends PartOrder, Answer> extends AsyncDisposable {
  /** All do what is ordered; their answers. */
  ask(order: Order): Promise<readonly Answer[]>;
}

export function whole<Order extends PartOrder, Answer>({
  sim,
  answer,
}: Omit<Part<Order, Answer>, "leastDelay">): Parts<Order, Answer> {
  return {
    ask: async (order) => {
      sim.time.runUntil(order.until);
      return [answer(order)];
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** As in threads, in one: each goes on as far as the others let it. */
export function inTurns<Order extends PartOrder, Answer>(
  partOf: readonly number[],
  make: (crossing: Crossing) => Part<Order, Answer>,
): Parts<Order, Answer> {
  const channels = channelsBetween(Math.max(...partOf) + 1);
  const [pace, verdicts] = [atTheStart(channels.length), noVerdicts()];
  const parts = channels.map((ports, own) => {
    const crossing = new Crossing({ own, partOf, ports, verdicts });
    const { answer, ...part } = make(crossing);
    return { answer, running: new RunningPart({ ...part, crossing, pace: new Pace(pace, own) }) };
  });
  return {
    ask: async (order) => {
      while (parts.some(({ running }) => running.now < order.until))
        for (const { running } of parts) while (running.now < order.until && running.isFree) running.step(order.until);
      return parts.map(({ answer }) => answer(order));
    },
    [Symbol.asyncDispose]: async () => {
      for (const port of channels.flat()) port?.close();
    },
  };
}
