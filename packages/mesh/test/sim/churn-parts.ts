/** The ways to have a mesh in churn simulated: whole, or each of its towns for itself, taking turns or in threads. */
import type { Millis } from "@ropewalk/kernel/units";
import { type ChurnLook, ChurnPart } from "./churn-part.ts";
import { type ChurnOptions, leastLongDelay } from "./churn-script.ts";
import { channelsBetween } from "./parts/channels.ts";
import { Crossing } from "./parts/crossing.ts";
import { atTheStart, Pace } from "./parts/pace.ts";
import { PartWorkers } from "./parts/part-workers.ts";
import { RunningPart } from "./parts/running-part.ts";

/** What a part is asked: to go on until then, and to be looked at; what is held is counted when it is asked for. */
export interface ChurnOrder {
  readonly until: Millis;
  readonly isCounted: boolean;
}

export interface ChurnParts extends AsyncDisposable {
  ask(order: ChurnOrder): Promise<readonly ChurnLook[]>;
}

export function wholeChurn(options: ChurnOptions): ChurnParts {
  const part = new ChurnPart(options);
  return {
    ask: async ({ until, isCounted }) => {
      part.sim.time.runUntil(until);
      return [part.look(isCounted)];
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** As in threads, in one. */
export function churnInTurns(options: ChurnOptions): ChurnParts {
  const { towns: partOf } = options;
  const channels = channelsBetween(Math.max(...partOf) + 1);
  const done = atTheStart(channels.length);
  const parts = channels.map((ports, own) => {
    const crossing = new Crossing({ own, partOf, ports });
    const churn = new ChurnPart(options, crossing);
    const pace = new Pace(done, own);
    return { churn, running: new RunningPart({ sim: churn.sim, crossing, pace, leastDelay: leastLongDelay }) };
  });
  return {
    ask: async ({ until, isCounted }) => {
      while (parts.some(({ running }) => running.now < until)) for (const { running } of parts) running.step(until);
      return parts.map(({ churn }) => churn.look(isCounted));
    },
    [Symbol.asyncDispose]: async () => {
      for (const port of channels.flat()) port?.close();
    },
  };
}

export function churnInThreads(options: ChurnOptions): ChurnParts {
  return new PartWorkers<ChurnOrder, ChurnLook>(
    new URL("./churn-part-main.ts", import.meta.url),
    options.towns,
    options,
  );
}
