/**
 * The carrier of the uplink in use goes: with a driver that lives, with one that was killed, and while links elsewhere on the
 * machine change, which trips the kernel's machine-wide limit of link events.
 */
import { setTimeout as delay } from "node:timers/promises";
import { millis } from "@ropewalk/kernel/units";
import type { Lab } from "@ropewalk/lab/lab";
import type { Ifindexes } from "@ropewalk/lab/topology";
import { CountedLab } from "./counted-lab.ts";
import { type Crossing, cross } from "./crossing.ts";
import type { RunningDriver } from "./driver.ts";
import type { Figure, Findings } from "./failover-table.ts";
import type { Part, PartPlan } from "./plan.ts";

/** The kernel holds link events back for a second after the last one; "isolated" means twice that. */
const calmMs = 2_100;
const disturbedEveryMs = 200;
const gapGoalMs = 5;
const lostGoal = 2;

interface Circumstances {
  readonly name: string;
  readonly ifindexes: Ifindexes;
  readonly isDisturbed: boolean;
  readonly isKilled: boolean;
  readonly isJudged: boolean;
}

const isolated = { ifindexes: "equal", isDisturbed: false, isJudged: true } as const;
const living: Circumstances = { ...isolated, name: "carrier lost, isolated", isKilled: false };
const dead: Circumstances = { ...isolated, name: "carrier lost, driver killed before", isKilled: true };

export const carrierLoss: Part = (plan, table) => inTurn(plan, table, [living]);
export const carrierLossKilled: Part = (plan, table) => inTurn(plan, table, [dead]);
export const carrierLossDisturbed: Part = (plan, table) => {
  const layouts = ["equal", "unequal"] as const;
  const disturbed = layouts.flatMap((ifindexes) =>
    [living, dead].map((before) => ({
      ...{ ifindexes, isDisturbed: true, isKilled: before.isKilled, isJudged: false },
      name: `${before.name.replace(", isolated", "")}, foreign link events, ${ifindexes} ifindexes`,
    })),
  );
  return inTurn(plan, table, disturbed);
};

async function inTurn(plan: PartPlan, table: Findings, all: readonly Circumstances[]): Promise<void> {
  for (const circumstances of all) await inLab(plan, table, circumstances);
}

async function inLab(plan: PartPlan, table: Findings, circumstances: Circumstances): Promise<void> {
  const { driver, trials } = plan;
  await using counted = await CountedLab.open(plan, table, { ifindexes: circumstances.ifindexes });
  const { lab } = counted;
  const disturbance = circumstances.isDisturbed ? await lab.disturb(millis(disturbedEveryMs)) : undefined;
  let running: RunningDriver | undefined;
  try {
    for (let trial = 0; trial < trials; trial += 1) {
      running ??= await driver.start(lab);
      record(table, driver.column, circumstances, await loseCarrier(lab, running, plan, circumstances));
      if (!circumstances.isKilled) continue;
      await running[Symbol.asyncDispose]();
      running = undefined;
    }
  } finally {
    await running?.[Symbol.asyncDispose]();
    await disturbance?.stop();
  }
}

async function loseCarrier(
  lab: Lab,
  running: RunningDriver,
  { driver }: PartPlan,
  { isKilled, isDisturbed }: Circumstances,
): Promise<Crossing> {
  const victim = await running.settled();
  if (isKilled) await running.kill();
  if (!isDisturbed) await delay(calmMs);
  const crossing = await cross(lab, {
    ...{ victim, counted: "one way", limitMs: driver.moveLimitMs, roundTripMs: 0 },
    fault: async () => (await lab.cut(victim)).at,
  });
  await lab.heal(victim);
  return crossing;
}

function record(table: Findings, column: string, circumstances: Circumstances, crossing: Crossing): void {
  const { gapMs, senderLateMs, lost } = crossing;
  const { name, isJudged } = circumstances;
  const seen: Figure = { kind: "time", metric: `${name}: gap as it was seen`, unit: "ms", goal: null };
  table.record(seen, column, gapMs);
  // Cores are few: a sender that is not run sends nothing, whatever the way.
  const gap: Figure = { ...seen, metric: `${name}: gap of the way`, goal: isJudged ? gapGoalMs : null };
  table.record(gap, column, Math.max(0, gapMs - senderLateMs));
  const losses: Figure = {
    ...{ kind: "count", metric: `${name}: lost of 1,000 a second`, unit: "packets" },
    goal: isJudged ? lostGoal : null,
  };
  table.record(losses, column, lost);
}
