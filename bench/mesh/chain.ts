/**
 * Six nodes in a chain on loopback, whole services in processes of their own: from when the last of them is joined to the chain's end until
 * each has a route to each. Beside it Reticulum, from when the end of such a chain announces itself until all the others have heard it.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { seconds } from "@ropewalk/kernel/units";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import type { ChainOrder, ChainTask, ChainWord } from "./chain-task.ts";
import { type Part, publishedColumns, reticulumColumn, type Scene } from "./part.ts";
import { announcedAlong } from "./reticulum-chain.ts";
import { SaidNode } from "./said-node.ts";

const size = 6;
const program = new URL("./chain-node-main.ts", import.meta.url);
const patience = seconds(30);

type ChainNode = SaidNode<ChainOrder, ChainWord>;
/** Of the announce of one end at the other, on a machine like this: three runs, 3.54 to 3.58 s. */
const publishedMs = 3_540;

/** Of Reticulum. */
const lessAsked = "that in which the announce of one end has come to all others, which is less than is asked of us";

const routed: Figure = {
  ...{ metric: "a chain of six: routes everywhere, from the last link", unit: "ms", better: "less" },
  goals: [{ kind: "figure", limit: 250 }],
};
const asked: Figure = { metric: "a chain of six: a ping from end to end", unit: "ms", better: "less", goals: [] };

export const chain: Part = async (scene) => {
  const { table, rounds, folder, reticulum } = scene;
  for (let round = 0; round < rounds; round += 1) {
    const own = join(folder, `round ${round}`);
    await ours(scene, round, own);
    if (reticulum !== undefined) await theirs({ ...scene, reticulum }, round, own);
  }
  if (reticulum === undefined) table.note("RNS_PYTHON names no python that has Reticulum: it was not run.");
  if (reticulum !== undefined && !table.isLeftOut(reticulumColumn))
    table.note(`Reticulum's time is ${lessAsked}, with all its links up before.`);
  else {
    table.record(routed, publishedColumns.reticulum, 0, publishedMs);
    table.note(`Reticulum's published time (RNS 1.4.2, six nodes in a chain of TCP on loopback) is ${lessAsked}.`);
  }
};

async function ours({ table }: Scene, round: number, folder: string): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const nodes: ChainNode[] = [];
  let joined = 0;
  let before: string | undefined;
  for (let place = 0; place < size; place += 1) {
    if (place === size - 1) for (const node of nodes) node.tell("look");
    const own = join(folder, `node ${place}`);
    await mkdir(own, { recursive: true });
    const task: ChainTask = { folder: own, before, place, size };
    const node: ChainNode = stack.use(new SaidNode(program, task, patience));
    nodes.push(node);
    before = (await node.hear("listening")).at;
    if (place > 0) joined = (await node.hear("linked")).time;
  }
  nodes.at(-1)?.tell("look");
  const whole = await Promise.all(nodes.map((node) => node.hear("whole")));
  // Each end holds the link for up when it has proved the other: the first of the two begins.
  const linked = Math.min(joined, (await nodes.at(-2)?.hear("linked"))?.time ?? joined);
  table.record(routed, ownColumn, round, Math.max(...whole.map(({ time }) => time)) - linked);
  nodes[0]?.tell("ask");
  const answer = await nodes[0]?.hear("asked");
  if (answer?.roundTrip === undefined) throw new Error("the other end of the chain did not answer");
  table.record(asked, ownColumn, round, answer.roundTrip);
}

async function theirs(
  { table, reticulum }: Scene & { readonly reticulum: string },
  round: number,
  folder: string,
): Promise<void> {
  if (table.isLeftOut(reticulumColumn)) return;
  try {
    table.record(routed, reticulumColumn, round, await announcedAlong(reticulum, size, join(folder, "reticulum")));
  } catch (error) {
    table.leaveOut(reticulumColumn, error instanceof Error ? error.message : String(error));
  }
}
