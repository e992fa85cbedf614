/** A thousand nodes in one process on virtual time, mean degree 8, links of 10 Mbit/s: until they find each other, and again when a tenth died. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure, RoundTable } from "../tunnel/round-table.ts";
import type { Part } from "./part.ts";
import type { ThousandFindings, ThousandTask } from "./thousand-task.ts";

const program = fileURLToPath(new URL("./thousand-main.ts", import.meta.url));
const firstSeed = 20_261_122;

interface Variant {
  readonly name: string;
  readonly task: Omit<ThousandTask, "seed">;
}

const told: Variant = { name: "1,000 nodes", task: { death: "told", isMemoised: true } };
const silent: Variant = { name: "1,000 nodes that die in silence", task: { death: "silent", isMemoised: true } };
const unmemoised: Variant = {
  name: "1,000 nodes, every verdict by each for itself",
  task: { death: "told", isMemoised: false },
};

export const thousand: Part = async ({ table, trials, isUnmemoised }) => {
  const variants = isUnmemoised ? [told, silent, unmemoised] : [told, silent];
  for (let trial = 0; trial < trials; trial += 1) {
    for (const variant of variants) {
      process.stderr.write(`  ${variant.name}, trial ${trial + 1}\n`);
      record(table, variant, trial, await findings({ ...variant.task, seed: firstSeed + trial }));
    }
  }
  table.note(
    "A thousand nodes are the pure node with real signatures and real frames; virtual time is looked at every 250 ms, and does not count what a node computes. Where it does not say otherwise, a verdict on a signature is remembered for all nodes, which production code cannot do.",
  );
};

function record(table: RoundTable, { name, task }: Variant, trial: number, found: ThousandFindings): void {
  const figure = (what: string, unit: string, limit?: number): Figure => ({
    ...{ metric: `${name}: ${what}`, unit, better: "less" },
    goals: limit === undefined ? [] : [{ kind: "figure", limit }],
  });
  const say = (one: Figure, value: number) => table.record(one, ownColumn, trial, value);
  say(figure("99.9 % of pairs, virtual", "s", 5), inSeconds(found.joinedMs));
  say(figure("99 % of pairs after a tenth died, virtual", "s", 10), inSeconds(found.healedMs));
  // The machine's own time is promised for the run that remembers verdicts.
  say(figure("real time", "s", task.isMemoised ? 120 : undefined), found.seconds);
  say(figure("processor", "s"), found.processorSeconds);
  say(figure("most resident memory", "MB", 4_000), found.mostMemory / 1e6);
  say(figure("octets that links carried", "MB"), found.octets / 1e6);
  say(figure("faults", "", 0), found.faults.length);
  for (const fault of found.faults.slice(0, 3)) table.note(`${name}: ${fault}`);
}

function inSeconds(time: number | undefined): number {
  return time === undefined ? Number.POSITIVE_INFINITY : time / 1_000;
}

async function findings(task: ThousandTask): Promise<ThousandFindings> {
  const child = fork(program, { serialization: "advanced" });
  try {
    const [ended, abort] = [once(child, "exit"), new AbortController()];
    child.send(task);
    const told = once(child, "message", { signal: abort.signal });
    const first = await Promise.race([
      told.then(([found]) => found as ThousandFindings),
      ended.then(([code, signal]) => `it ended with ${signal ?? code}`),
    ]);
    if (typeof first === "string") {
      abort.abort();
      await told.catch(() => undefined);
      throw new Error(`the simulation of a thousand nodes: ${first}`);
    }
    await ended;
    return first;
  } finally {
    child.kill("SIGKILL");
  }
}
