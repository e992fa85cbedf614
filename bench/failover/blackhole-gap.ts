/** The uplink in use goes silent while its carrier stays: in both directions, and in each alone. */
import { millis } from "@ropewalk/kernel/units";
import type { Lab } from "@ropewalk/lab/lab";
import { Blackhole, type BlackholeWay, blackholeWays } from "../blackhole.ts";
import { CountedLab } from "./counted-lab.ts";
import { cross } from "./crossing.ts";
import type { RunningDriver } from "./driver.ts";
import type { Figure, Findings } from "./failover-table.ts";
import type { Part, PartPlan } from "./plan.ts";

const goalMs = 200;
const wayNames = { both: "both ways", tx: "tx alone", rx: "rx alone" } as const satisfies Record<BlackholeWay, string>;

interface Scene {
  readonly lab: Lab;
  readonly running: RunningDriver;
  readonly holes: ReadonlyMap<string, Blackhole>;
  readonly roundTripMs: number;
}

export const blackholeGap: Part = async (plan, table) => {
  for (const roundTripMs of plan.roundTripsMs) {
    await using counted = await CountedLab.open(plan, table);
    const { lab } = counted;
    await using stack = new AsyncDisposableStack();
    const holes = new Map<string, Blackhole>();
    for (const { name } of lab.uplinks) {
      await lab.delay(name, roundTripMs === 0 ? undefined : millis(roundTripMs / 2));
      holes.set(name, stack.use(await Blackhole.prepare(lab, name)));
    }
    const running = stack.use(await plan.driver.start(lab));
    for (let trial = 0; trial < plan.trials; trial += 1) {
      for (const way of blackholeWays) await swallow({ lab, running, holes, roundTripMs }, way, plan, table);
    }
  }
};

async function swallow(scene: Scene, way: BlackholeWay, { driver }: PartPlan, table: Findings): Promise<void> {
  const { lab, running, holes, roundTripMs } = scene;
  const victim = await running.settled();
  const hole = holes.get(victim);
  if (hole === undefined) throw new Error(`no blackhole is prepared for ${victim}`);
  const crossing = await cross(lab, {
    // What is lost on its way to edge does not keep edge from sending: only an answer shows it.
    ...{ victim, counted: way === "rx" ? "there and back" : "one way", roundTripMs },
    limitMs: driver.moveLimitMs,
    fault: () => hole.open(way),
  });
  await hole.close();
  const metric = `blackhole, ${wayNames[way]}, RTT ${roundTripMs} ms`;
  const gap: Figure = { kind: "time", metric: `${metric}: gap`, unit: "ms", goal: goalMs };
  table.record(gap, driver.column, crossing.gapMs);
  const fromFault: Figure = { ...gap, metric: `${metric}: fault to first by the new uplink`, goal: null };
  table.record(fromFault, driver.column, crossing.fromFaultMs);
}
