/** Drivers that have a home: one uplink that is watched, and to which traffic returns when it is well again. */
import { setTimeout as delay } from "node:timers/promises";
import type { Lab } from "@ropewalk/lab/lab";
import { until, wayOut } from "./ways.ts";

/** The uplink that is watched, and the one to which traffic moves. */
export const home = "wan0";
export const refuge = "wan1";

export interface HomePlan {
  /** From its start to the first fair fault. */
  readonly warmUpMs: number;
  /** From the return to the next fair fault. */
  readonly restMs: number;
  readonly returnLimitMs: number;
}

/** What `RunningDriver.settled` is for them. */
export function settlesAtHome(lab: Lab, { warmUpMs, restMs, returnLimitMs }: HomePlan): () => Promise<string> {
  const startedAt = performance.now();
  return async () => {
    await until(`traffic goes by ${home}`, returnLimitMs, async () => (await wayOut(lab)) === home);
    await delay(Math.max(restMs, startedAt + warmUpMs - performance.now()));
    return home;
  };
}
