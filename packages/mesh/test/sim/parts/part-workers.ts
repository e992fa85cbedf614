/** The parts of a simulated mesh in a thread each: more of them than cores, so that none is idle while one part has much to do. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { channelsBetween } from "./channels.ts";
import { atTheStart } from "./pace.ts";
import type { PartData } from "./part-thread.ts";
import type { PartOrder, Parts } from "./parts.ts";
import { noVerdicts } from "./shared-verdicts.ts";

/** Of each part, in megabytes: for what it keeps, and for what is soon gone, which frames on their way outlive where it is small. The more, the fewer collections. */
export interface PartRoom {
  readonly kept: number;
  readonly young: number;
}

export class PartWorkers<Order extends PartOrder, Answer> implements Parts<Order, Answer> {
  readonly #workers: readonly Worker[];

  /** `program` serves one part, `partOf` has the number of each node's, and `options` are what a part needs besides. */
  constructor(program: URL, partOf: readonly number[], options: unknown, { kept, young }: PartRoom) {
    const resourceLimits = { maxOldGenerationSizeMb: kept, maxYoungGenerationSizeMb: young };
    const ports = channelsBetween(Math.max(...partOf) + 1);
    const [pace, verdicts] = [atTheStart(ports.length), noVerdicts()];
    this.#workers = ports.map((own, number) => {
      const workerData: PartData<unknown> = { own: number, partOf, ports: own, verdicts, pace, options };
      const transferList = own.filter((port) => port !== undefined);
      return new Worker(program, { name: `part ${number}`, workerData, transferList, resourceLimits });
    });
  }

  /** Fails when one of them has. */
  ask(order: Order): Promise<readonly Answer[]> {
    return Promise.all(
      this.#workers.map(async (worker) => {
        worker.postMessage(order);
        const [answer] = await once(worker, "message");
        return answer as Answer;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
