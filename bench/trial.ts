/**
 * One blackhole, watched by several monitors at once. A trial begins when all of them have long called the uplink up, at a
 * moment that has nothing to do with anybody's timer.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Blackhole, BlackholeWay } from "./blackhole.ts";
import type { VerdictLog } from "./verdict-log.ts";

export interface WatcherLimits {
  readonly downLimitMs: number;
  readonly upLimitMs: number;
  /** From "up" to the next fault. */
  readonly restMs: number;
}

export interface Watcher {
  readonly column: string;
  falseDowns(): number;
  /** True once it calls the uplink up and has rested. */
  isReady(): Promise<boolean>;
  faultBegins(): void;
  /** From `inForce` to "down": milliseconds; Infinity: not within its limit; "early": it had called it down before. */
  decided(inForce: bigint): Promise<number | "early">;
  /** It has until its limit to see that all is well. */
  faultEnded(): void;
}

/** The longest wait added before a fault, so that faults meet every phase of every timer. */
const phaseMs = 200;

export interface Strike {
  /** By column: milliseconds from the moment the fault was in force to the decision, Infinity when there was none. */
  readonly found: ReadonlyMap<string, number>;
  /** Columns that did not call the uplink up in time, and so could not take part. */
  readonly absent: readonly string[];
}

export async function strike(hole: Blackhole, way: BlackholeWay, watchers: readonly Watcher[]): Promise<Strike> {
  const asked = await Promise.all(watchers.map(async (watcher) => ({ watcher, isReady: await watcher.isReady() })));
  const present = asked.filter(({ isReady }) => isReady).map(({ watcher }) => watcher);
  const absent = asked.filter(({ isReady }) => !isReady).map(({ watcher }) => watcher.column);
  await delay(Math.random() * phaseMs);
  for (const watcher of present) watcher.faultBegins();
  const inForce = await hole.open(way);
  const found = await Promise.all(
    present.map(async (watcher) => ({ column: watcher.column, time: await watcher.decided(inForce) })),
  );
  await hole.close();
  for (const watcher of present) watcher.faultEnded();
  return { found: new Map(found.flatMap(({ column, time }) => (time === "early" ? [] : [[column, time]]))), absent };
}

/** `warmUpMs` is from its first "up" to the first fault; until then no "down" is a false one. */
export function createWatcher(column: string, log: VerdictLog, warmUpMs: number, limits: WatcherLimits): Watcher {
  const settle = async (restMs: number, isStart: boolean): Promise<boolean> => {
    if ((await log.until(false, limits.upLimitMs)) === undefined) return false;
    if (!isStart) log.faultEnded();
    await delay(restMs);
    log.faultEnded();
    return true;
  };
  let ready = settle(warmUpMs, true);
  return {
    column,
    falseDowns: () => log.falseDowns,
    isReady: async () => (await ready) && (await log.until(false, limits.upLimitMs)) !== undefined,
    faultBegins: () => log.faultBegins(),
    decided: async (inForce) => {
      const at = await log.until(true, limits.downLimitMs);
      if (at === undefined) return Number.POSITIVE_INFINITY;
      if (at > inForce) return Number(at - inForce) / 1e6;
      log.countFalseDown();
      return "early";
    },
    faultEnded: () => {
      ready = settle(limits.restMs, false);
    },
  };
}
