/** Ropewalk itself: the real daemon in edge, moving traffic, with the profile `fast` and a return that is made short. */
import { setTimeout as delay } from "node:timers/promises";
import type { Lab } from "@ropewalk/lab/lab";
import type { DaemonInLab } from "../daemon-in-lab.ts";
import { RopewalkMonitor, type RopewalkOptions, shortReturn } from "../ropewalk-monitor.ts";
import type { Driver, RunningDriver } from "./driver.ts";
import { ownColumn } from "./failover-table.ts";
import { until, wayOut } from "./ways.ts";

/** packages/host/src/allocations.ts; the bench looks with iproute2's eyes. */
const protocol = 201;
const upLimitMs = 60_000;
/** Longer than its slowest timer of a second, so that nothing of the last fault is left in the next. */
const restMs = 1_000;

export type DriverOptions = Pick<RopewalkOptions, "settings" | "uplinks" | "from">;

export interface RunningRopewalk extends RunningDriver {
  readonly daemon: DaemonInLab;
}

export interface RopewalkDriver extends Driver {
  start(lab: Lab): Promise<RunningRopewalk>;
}

export function ropewalkDriver(options: DriverOptions = {}): RopewalkDriver {
  return {
    column: ownColumn,
    notes: [],
    moveLimitMs: 5_000,
    aftermathMs: 1_000,
    start: (lab) => start(lab, options),
  };
}

async function start(lab: Lab, { settings, uplinks = {}, from = "source" }: DriverOptions): Promise<RunningRopewalk> {
  const monitor = await RopewalkMonitor.start(lab, {
    configuration: shortReturn,
    uplinks,
    from,
    settings: {
      BACKHAUL_PROBE_PROFILE: "fast",
      BACKHAUL_MONITOR_ONLY: "false",
      BACKHAUL_CONFIRM_WITHIN: "0s",
      ...settings,
    },
  });
  return {
    daemon: monitor.daemon,
    settled: async () => {
      for (const { name } of lab.uplinks) {
        if ((await monitor.log(name).until(false, upLimitMs)) === undefined)
          throw new Error(`${name} was not called up`);
      }
      await until("rules of its own", upLimitMs, () => hasRules(lab));
      await delay(restMs);
      // What it said before it died would settle everything.
      await monitor.daemon.status();
      const uplink = await wayOut(lab);
      if (uplink === undefined) throw new Error("ordinary traffic has no way out");
      return uplink;
    },
    kill: () => monitor.daemon.kill(),
    use: (uplink) => monitor.daemon.order("use", uplink),
    [Symbol.asyncDispose]: () => monitor[Symbol.asyncDispose](),
  };
}

async function hasRules(lab: Lab): Promise<boolean> {
  const { stdout } = await lab.host("edge").exec("ip", ["-details", "rule", "show"]);
  return stdout.includes(`proto ${protocol}`);
}
