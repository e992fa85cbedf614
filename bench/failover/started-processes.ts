/**
 * Whether Ropewalk starts a process when an uplink dies. What children cost is added to their parent when it reaps them
 * (proc_pid_stat(5), cminflt), and no process ever ran without a page fault: while that sum stays and no child is there, none was.
 */
import { readdir, readFile } from "node:fs/promises";
import type { Lab } from "@ropewalk/lab/lab";
import { Blackhole } from "../blackhole.ts";
import { CountedLab } from "./counted-lab.ts";
import { cross } from "./crossing.ts";
import type { Figure } from "./failover-table.ts";
import type { Part } from "./plan.ts";
import { type RunningRopewalk, ropewalkDriver } from "./ropewalk-driver.ts";

const deaths = ["carrier lost", "blackhole"] as const;
type Death = (typeof deaths)[number];

const driver = ropewalkDriver();

export const startedProcesses: Part = async (plan, table) => {
  await using counted = await CountedLab.open({ ...plan, driver }, table);
  const { lab } = counted;
  await using stack = new AsyncDisposableStack();
  const holes = new Map<string, Blackhole>();
  for (const { name } of lab.uplinks) holes.set(name, stack.use(await Blackhole.prepare(lab, name)));
  const running = stack.use(await driver.start(lab));
  await running.settled();
  // It has asked nft for its marks by now: a sum that does not show this would show nothing.
  if ((await childrenOf(running)).faults === 0)
    throw new Error("the kernel does not tell what the daemon's children cost");
  for (let trial = 0; trial < plan.trials; trial += 1) {
    for (const death of deaths) {
      const victim = await running.settled();
      const hole = holes.get(victim);
      if (hole === undefined) throw new Error(`no blackhole is prepared for ${victim}`);
      const before = await childrenOf(running);
      await dieAndRecover({ lab, running, hole }, death, victim);
      const after = await childrenOf(running);
      table.record(faults(death), driver.column, after.faults - before.faults);
      table.record(alive(death), driver.column, after.alive);
    }
  }
};

interface Scene {
  readonly lab: Lab;
  readonly running: RunningRopewalk;
  readonly hole: Blackhole;
}

async function dieAndRecover({ lab, running, hole }: Scene, death: Death, victim: string): Promise<void> {
  const fault = async () => (death === "blackhole" ? await hole.open("both") : (await lab.cut(victim)).at);
  const crossing = { victim, fault, counted: "one way", limitMs: driver.moveLimitMs, roundTripMs: 0 } as const;
  const { movedAt } = await cross(lab, crossing);
  if (movedAt === undefined) throw new Error(`nothing left ${victim}`);
  await (death === "blackhole" ? hole.close() : lab.heal(victim));
  await running.settled();
}

interface Children {
  /** Minor page faults of all that have ended. */
  readonly faults: number;
  readonly alive: number;
}

async function childrenOf({ daemon: { process } }: RunningRopewalk): Promise<Children> {
  const pid = await process.pid();
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The second field is a name in brackets, which may hold blanks; cminflt is the eleventh.
  const faultsSoFar = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[8]);
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => listChildren(`/proc/${pid}/task/${thread}/children`)));
  return { faults: faultsSoFar, alive: lists.flat().length };
}

/** A thread that has ended meanwhile has none. */
async function listChildren(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split(" ").filter((word) => word !== "");
}

function faults(death: Death): Figure {
  const metric = `${death} and back: page faults of the daemon's children, of which every process has some`;
  return { kind: "count", metric, unit: "", goal: 0 };
}

function alive(death: Death): Figure {
  return { kind: "count", metric: `${death} and back: children alive`, unit: "processes", goal: 0 };
}
