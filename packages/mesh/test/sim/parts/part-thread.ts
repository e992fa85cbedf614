/** The thread of a part of a simulated mesh: it goes on until it is told, answers, and waits for the next order. */
import { parentPort, workerData } from "node:worker_threads";
import { InternalError } from "@ropewalk/kernel/errors";
import { Crossing, type CrossingOptions } from "./crossing.ts";
import { Pace } from "./pace.ts";
import type { Part, PartOrder } from "./parts.ts";
import { RunningPart } from "./running-part.ts";

/** What the thread is started with. */
export interface PartData<Options> extends CrossingOptions {
  readonly options: Options;
  /** See Pace. */
  readonly pace: Int32Array<SharedArrayBuffer>;
}

export function servePart<Options, Order extends PartOrder, Answer>(
  make: (options: Options, crossing: Crossing) => Part<Order, Answer>,
): void {
  const data: PartData<Options> = workerData;
  const crossing = new Crossing(data);
  const { answer, ...made } = make(data.options, crossing);
  const part = new RunningPart({ ...made, crossing, pace: new Pace(data.pace, data.own) });
  const main = parentPort;
  if (main === null) throw new InternalError("a part runs in a thread");
  main.on("message", (order: Order) => {
    while (part.now < order.until) part.step(order.until);
    main.postMessage(answer(order));
  });
}
