/**
 * Six nodes in a chain on loopback, whole services with stores in processes of their own: messages of 100 octets from the first to the last,
 * each on the disk before it leaves and before it is proved, with what that costs the sender, a relay and the recipient.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { seconds } from "@ropewalk/kernel/units";
import type { Part, Scene } from "../mesh/part.ts";
import { SaidNode } from "../mesh/said-node.ts";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import type { PostOrder, PostTask, PostWord } from "./post-task.ts";
import { publishedColumns, reticulumRate } from "./published.ts";

const size = 6;
const program = new URL("./post-node-main.ts", import.meta.url);
const patience = seconds(120);
const octets = 100;
/** Before it is measured: the compiler's, which works for ten thousands of them beside the nodes, and so that the window of the way is known. */
const warming = 20_000;
const count = 30_000;
/** Accepted and not proved. */
const atOnce = 2_048;

const rate: Figure = {
  ...{ metric: `messages of ${octets} octets from end to end over five hops of TLS, durable at both ends, per second` },
  ...{ unit: "", better: "more", goals: [{ kind: "figure", limit: 5_000 }] },
};
const relayRate: Figure = {
  ...{ metric: "a relay's process between two links of TLS: messages and their proofs, per second of a core" },
  ...{ unit: "", better: "more", goals: [{ kind: "figure", limit: 30_000 }] },
};
const roles = ["sender", "relay", "recipient"] as const;
type Role = (typeof roles)[number];
type PostNode = SaidNode<PostOrder, PostWord>;
/** Of all threads of a process, or of its own alone. */
type Counted = "processor" | "thread";

export const postChain: Part = async (scene) => {
  const { table, rounds, folder } = scene;
  for (let round = 0; round < rounds; round += 1) await measure(scene, round, join(folder, `round ${round}`));
  table.record(rate, publishedColumns.reticulum, 0, reticulumRate);
  table.note(
    `${count.toLocaleString("en")} messages, at most ${atOnce.toLocaleString("en")} of them accepted and not proved, from the first handed in until the last is proved, after ${warming.toLocaleString("en")} others; all six processes share this machine. The recipient's application leaves them in its inbox. Reticulum's figure is of packets that nobody keeps.`,
  );
};

async function measure({ table }: Scene, round: number, folder: string): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const nodes: PostNode[] = [];
  let last: { readonly at: string; readonly address: string } | undefined;
  for (let place = 0; place < size; place += 1) {
    const own = join(folder, `node ${place}`);
    await mkdir(own, { recursive: true });
    const task: PostTask = { folder: own, before: last?.at };
    const node: PostNode = stack.use(new SaidNode(program, task, patience));
    nodes.push(node);
    last = await node.hear("listening");
  }
  const [sender] = nodes;
  if (sender === undefined || last === undefined) throw new Error("a chain has nodes");
  const to = last.address;
  sender.tell({ kind: "find", to });
  await sender.hear("found");
  await post(sender, to, warming);
  const before = await told(nodes);
  const { began, ended } = await post(sender, to, count);
  const after = await told(nodes);
  const arrived = (after.at(-1)?.inbox ?? 0) - (before.at(-1)?.inbox ?? 0);
  if (arrived !== count) throw new Error(`of ${count} messages ${arrived} are in the inbox`);
  table.record(rate, ownColumn, round, (count / (ended - began)) * 1000);
  for (const role of roles) {
    const costs = nodes.flatMap((_, place) => (roleAt(place) === role ? [costOf(before[place], after[place])] : []));
    const mean = (of: Counted) => costs.reduce((sum, cost) => sum + cost[of], 0) / costs.length;
    for (const part of ["processor", "thread"] as const)
      table.record(costFigure(role, part), ownColumn, round, mean(part));
    if (role === "relay") table.record(relayRate, ownColumn, round, 1e6 / mean("processor"));
  }
}

async function post(sender: PostNode, to: string, count: number) {
  sender.tell({ kind: "send", to, count, octets, atOnce });
  return await sender.hear("sent");
}

async function told(nodes: readonly PostNode[]) {
  for (const node of nodes) node.tell({ kind: "tell" });
  return await Promise.all(nodes.map((node) => node.hear("told")));
}

type Told = Awaited<ReturnType<typeof told>>[number];

/** Microseconds for each message. */
function costOf(before: Told | undefined, after: Told | undefined) {
  const cost = (of: Counted) => (((after?.[of] ?? 0) - (before?.[of] ?? 0)) * 1e6) / count;
  return { processor: cost("processor"), thread: cost("thread") };
}

function costFigure(role: Role, of: Counted): Figure {
  const what = of === "processor" ? "all its threads" : "its own thread, without the store's";
  return { metric: `processor time of the ${role} for each: ${what}`, unit: "µs", better: "less", goals: [] };
}

function roleAt(place: number): Role {
  if (place === 0) return "sender";
  return place === size - 1 ? "recipient" : "relay";
}
