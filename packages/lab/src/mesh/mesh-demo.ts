/**
 * The mesh's demo: three nodes find each other; the one between is killed, and its uplink cut and healed, while the ends ask each other.
 * Then one end is away, and gets what was sent to it when it is back.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { DemoOptions } from "../demo/demo.ts";
import { Patience } from "../demo/patience.ts";
import { pausesOf } from "../demo/pure/script.ts";
import { LabError } from "../errors.ts";
import { createLab, type Lab } from "../lab.ts";
import { servers } from "../pure/topology.ts";
import { sendToAway } from "./away-message.ts";
import { MeshMember } from "./mesh-member.ts";
import {
  longestSilence,
  type MeshReport,
  type MeshStep,
  messageLines,
  openingLines,
  stepLines,
  summaryLine,
} from "./pure/mesh-report.ts";
import { SteadyAsking } from "./steady-asking.ts";

const far = "target-1";
const port = 7412;
/** So many answers in a row say that it is well again. */
const enough = 25;
/** A first start may have to install what it runs on. */
const startLimit = seconds(60);

interface Stage {
  readonly lab: Lab;
  readonly client: MeshMember;
  readonly edge: MeshMember;
  readonly target: string;
  readonly patience: Patience;
}

/** Rejects with the signal's reason once it is aborted; throws LabError. */
export async function runMeshDemo({ pace, launcher, say }: DemoOptions, signal: AbortSignal): Promise<MeshReport> {
  const began = performance.now();
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-lab-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const lab = stack.use(await createLab({ uplinks: 2 }));
  for (const line of openingLines) say(line);
  const member = (host: string, table: string) =>
    stack.use(new MeshMember({ host: lab.host(host), launcher, folder: join(folder, host), table }));
  const target = member(far, "[mesh]\n");
  const client = member("client", "[mesh]\n");
  const edge = member("edge", `[[mesh.peer]]\nat = "${farAddress()}:${port}"\n`);
  for (const each of [target, client, edge]) await each.start();
  const started = performance.now();
  const patience = new Patience(signal, startLimit);
  const address = await addressOf(target, patience);
  const stage: Stage = { lab, client, edge, target: address, patience };
  const path = await found(stage);
  const foundAfterMs = Math.round(performance.now() - started);
  say(`\nclient is answered by target-1, ${foundAfterMs} ms after the three were started:\n`);
  say(await client.command("trace", address));
  say(`\n${await client.command("routes")}`);
  const steps: MeshStep[] = [];
  for (const [deed, act] of deeds) {
    say(`\n${steps.length + 1}. ${deed}`);
    const step = await take(stage, deed, act);
    steps.push(step);
    for (const line of stepLines(step)) say(line);
    await patience.rest(pausesOf(pace).look);
  }
  say(`\n${steps.length + 1}. target-1 is killed, and client sends it a message`);
  const message = await sendToAway({ client, edge, target, to: address, patience, say });
  for (const line of messageLines(message)) say(line);
  const ok = path.length === 1 && [...steps, message].every(({ wrong }) => wrong.length === 0);
  const tookSeconds = Math.round((performance.now() - began) / 1_000);
  const report: MeshReport = { kind: "mesh", ok, foundAfterMs, path, steps, message, tookSeconds };
  say(`\n${summaryLine(report)}`);
  return report;
}

const deeds: readonly (readonly [deed: string, act: (stage: Stage) => Promise<unknown>])[] = [
  [
    "edge's node is killed with -9, and started again",
    async ({ edge, patience }) => {
      await edge.kill();
      await edge.start();
      await addressOf(edge, patience);
    },
  ],
  ["the cable of wan0 is pulled", ({ lab }) => lab.cut("wan0")],
  ["the cable of wan0 is put in again", ({ lab }) => lab.heal("wan0")],
];

async function take(stage: Stage, deed: string, act: (stage: Stage) => Promise<unknown>): Promise<MeshStep> {
  const { client, target, patience } = stage;
  await using asking = new SteadyAsking(client, target);
  const isWell = await patience.until(() => asking.answers.length >= enough);
  await act(stage);
  const count = asking.answers.length;
  // What was on its way when it happened is answered too, and says nothing.
  await patience.rest(millis(500));
  const isWellAgain = await patience.until(() => asking.answers.length >= count + enough);
  const wrong = [
    ...(isWell ? [] : ["no answers came before it"]),
    ...(isWellAgain ? [] : ["no answers came behind it"]),
  ];
  return { deed, silenceMs: Math.round(longestSilence(asking.answers, performance.now())), wrong };
}

/** Over whom client reaches target-1, as soon as it does. */
async function found({ client, edge, target, patience }: Stage): Promise<readonly string[]> {
  let path: readonly string[] | undefined;
  let isOver = false;
  const asking = (async () => {
    while (path === undefined && !isOver) {
      const { kind, path: over } = await client.trace(target);
      if (kind === "answered") path = over;
    }
  })();
  await patience.until(() => path !== undefined);
  isOver = true;
  await asking;
  if (path !== undefined) return path;
  throw new LabError("LAB_TIMEOUT", `client is not answered by target-1: ${client.log}\n${edge.log}`);
}

async function addressOf(member: MeshMember, patience: Patience): Promise<string> {
  let address: string | undefined;
  let isOver = false;
  const asking = (async () => {
    while (address === undefined && !isOver) {
      address = await member.address();
      if (address === undefined) await patience.rest(millis(20)).catch(() => {});
    }
  })();
  await patience.until(() => address !== undefined);
  isOver = true;
  await asking;
  if (address !== undefined) return address;
  throw new LabError("LAB_TIMEOUT", `a node does not say its address: ${member.log}`);
}

function farAddress(): string {
  const address = servers.find(({ name }) => name === far)?.subnets.find(({ member }) => !member.includes(":"))?.member;
  if (address === undefined) throw new LabError("LAB_BAD_REQUEST", `the lab has no ${far}`);
  return address;
}
