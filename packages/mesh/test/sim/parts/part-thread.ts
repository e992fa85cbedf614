/** The thread of a part of a simulated mesh: it goes on until it is told, answers, and waits for the next order. */
import { parentPort, workerData } from "node:worker_threads";
import { InternalError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshSim } from "../mesh-sim.ts";
import { Crossing, type CrossingOptions } from "./crossing.ts";
import { Pace } from "./pace.ts";
import { RunningPart } from "./running-part.ts";

/** What the thread is started with. */
export interface PartData<Options> extends CrossingOptions {
  readonly options: Options;
  /** See Pace. */
  readonly done: Int32Array<SharedArrayBuffer>;
}

export interface Served<Order, Answer> {
  readonly sim: MeshSim;
  /** Of cables between parts. */
  readonly leastDelay: Millis;
  answer(order: Order): Answer;
}

export function servePart<Options, Order extends { readonly until: Millis }, Answer>(
  make: (options: Options, crossing: Crossing) => Served<Order, Answer>,
): void {
  const data: PartData<Options> = workerData;
  const crossing = new Crossing(data);
  const { answer, ...served } = make(data.options, crossing);
  const part = new RunningPart({ ...served, crossing, pace: new Pace(data.done, data.own) });
  const main = parentPort;
  if (main === null) throw new InternalError("a part runs in a thread");
  main.on("message", (order: Order) => {
    while (part.now < order.until) part.step(order.until);
    main.postMessage(answer(order));
  });
}
