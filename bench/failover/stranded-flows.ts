/** What becomes of a site's connections when its uplink dies: those of the dead one must end at once, and no others. */
import { setTimeout as delay } from "node:timers/promises";
import type { Lab } from "@ropewalk/lab/lab";
import type { Packet } from "@ropewalk/lab/packet-record";
import { Blackhole } from "../blackhole.ts";
import { CountedLab } from "./counted-lab.ts";
import { cross } from "./crossing.ts";
import type { RunningDriver } from "./driver.ts";
import type { Figure, Findings } from "./failover-table.ts";
import type { Part, PartPlan } from "./plan.ts";
import { otherFlows, Site, type SiteReport, siteCounts, victimFlows } from "./site.ts";
import { compareTracked, type FlowChanges } from "./tracked.ts";
import { sourceOf } from "./ways.ts";

const deaths = ["carrier lost", "blackhole"] as const;
type Death = (typeof deaths)[number];

const calmMs = 2_100;
const never = Number.POSITIVE_INFINITY;

interface Scene {
  readonly lab: Lab;
  readonly running: RunningDriver;
  readonly holes: ReadonlyMap<string, Blackhole>;
  readonly round: number;
}

export const strandedFlows: Part = async (plan, table) => {
  await using counted = await CountedLab.open(plan, table);
  const { lab } = counted;
  await using stack = new AsyncDisposableStack();
  const holes = new Map<string, Blackhole>();
  for (const { name } of lab.uplinks) holes.set(name, stack.use(await Blackhole.prepare(lab, name)));
  const running = stack.use(await plan.driver.start(lab));
  const { column, aftermathMs } = plan.driver;
  table.note(`${column}: connections were watched for ${aftermathMs / 1_000} s after the switch.`);
  for (let trial = 0; trial < plan.trials; trial += 1) {
    for (const [index, death] of deaths.entries()) {
      await die({ lab, running, holes, round: trial * deaths.length + index }, death, plan, table);
    }
  }
};

async function die(scene: Scene, death: Death, { driver }: PartPlan, table: Findings): Promise<void> {
  const { lab, running, holes, round } = scene;
  const victim = await running.settled();
  const hole = holes.get(victim);
  if (hole === undefined) throw new Error(`no blackhole is prepared for ${victim}`);
  await using site = await Site.open(lab, victim, round);
  if (death === "carrier lost") await delay(calmMs);
  const before = await site.tracked();
  const dead = sourceOf(lab, victim);
  const deadBefore = [...before.values()].filter((replies) => replies === dead).length;
  if (deadBefore !== victimFlows || before.size - deadBefore !== otherFlows)
    throw new Error(`the site has ${deadBefore} flows by ${victim} and ${before.size - deadBefore} others`);
  let changes: FlowChanges = { deadLeft: victimFlows, othersGone: 0 };
  const crossing = { victim, counted: "one way", limitMs: driver.moveLimitMs, roundTripMs: 0 } as const;
  const fault = async () => (death === "blackhole" ? await hole.open("both") : (await lab.cut(victim)).at);
  const { movedAt } = await cross(lab, { ...crossing, fault }, async () => {
    await delay(driver.aftermathMs);
    changes = compareTracked(before, await site.tracked(), dead);
  });
  const report = await site.stop();
  await (death === "blackhole" ? hole.close() : lab.heal(victim));
  record(table, driver.column, death, { movedAt, changes, report });
}

interface Outcome {
  readonly movedAt: bigint | undefined;
  readonly changes: FlowChanges;
  readonly report: SiteReport;
}

function record(table: Findings, column: string, death: Death, { movedAt, changes, report }: Outcome): void {
  const time = (metric: string, goal: number, value: number) => {
    const figure: Figure = { kind: "time", metric: `${death}, switch to ${metric}`, unit: "ms", goal };
    table.record(figure, column, value);
  };
  const none = (metric: string, value: number) => {
    const figure: Figure = { kind: "count", metric: `${death}, ${metric}`, unit: "", goal: 0 };
    table.record(figure, column, value);
  };
  time(`the end of the last of ${siteCounts.stranded} stranded sockets`, 50, lastEnd(report, movedAt));
  none(`of ${siteCounts.innocentTcp} innocent sockets ended`, report.innocentEnded.length);
  none(`of ${victimFlows} tracked flows of the dead uplink left`, changes.deadLeft);
  none(`of ${otherFlows} other tracked flows gone`, changes.othersGone);
  time("the next answer to the LAN over TCP", 250, nextAnswer(report.tcpAnswers, movedAt));
  time("the next answer to the LAN over UDP", 250, nextAnswer(report.udpAnswers, movedAt));
}

/** Milliseconds; not less than 0, for the kernel may switch after the sockets were ended. */
function lastEnd({ stranded }: SiteReport, movedAt: bigint | undefined): number {
  if (movedAt === undefined || stranded.ended.length < stranded.held) return never;
  return Math.max(0, ...stranded.ended.map(({ at }) => Number(at - movedAt) / 1e6));
}

function nextAnswer(answers: readonly Packet[], movedAt: bigint | undefined): number {
  const next = movedAt === undefined ? undefined : answers.find(({ arrivedAt }) => arrivedAt > movedAt);
  return next === undefined || movedAt === undefined ? never : Number(next.arrivedAt - movedAt) / 1e6;
}
