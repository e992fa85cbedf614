/**
 * The site's uplink dies and comes back under the tunnel, with Ropewalk's own node at the wheel beside the source: how long a message each
 * 20 ms and a download stand still, and what becomes of an `ssh -L` that goes by the same uplinks at the same time.
 */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bytes } from "@ropewalk/kernel/units";
import { CheckedDownload, serveChecked } from "@ropewalk/lab/checked-download";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { RopewalkInLab } from "@ropewalk/lab/ropewalk-in-lab";
import { servers } from "@ropewalk/lab/topology";
import { TunnelInLab } from "@ropewalk/lab/tunnel-in-lab";
import { percentile } from "../race.ts";
import { ownColumn } from "./entrant.ts";
import { firstPort } from "./field.ts";
import { type Ground, services } from "./ground.ts";
import { startFarEnd, startPing } from "./load.ts";
import type { Part, Scene } from "./part.ts";
import { startReady } from "./ready-tunnel.ts";
import type { Figure } from "./round-table.ts";
import { ssh } from "./ssh-ends.ts";

const launcher = resolve("bin/ropewalk.mjs");
const [home, refuge, far] = ["wan0", "wan1", "target-1"] as const;
const filePort = 7_100;
/** It outlasts whatever is done to it. */
const file = { length: bytes(2 ** 40), pace: bytes(10 << 20) };
const everyMicros = 20_000;
const leastTrials = 5;
const goalMs = 400;
const limitMs = 30_000;
const restMs = 1_000;

const settings = {
  ...{ BACKHAUL_MONITOR_ONLY: "false", BACKHAUL_CONFIRM_WITHIN: "0s", BACKHAUL_PROBE_PROFILE: "fast" },
  ...{ BACKHAUL_SETTLING_RETURN_AFTER: "500ms", BACKHAUL_CHOICE_RETURN_FOR: "500ms" },
};

interface Deed {
  readonly name: string;
  readonly to: string;
  readonly act: (lab: Lab) => Promise<unknown>;
}

const failback = { name: "failback", to: home, act: (lab: Lab) => lab.heal(home) };
const deeds: readonly Deed[] = [
  { name: "cable cut", to: refuge, act: (lab) => lab.cut(home) },
  failback,
  { name: "blackhole", to: refuge, act: (lab) => lab.blackhole(home) },
  failback,
];

const streams = ["a message each 20 ms", "a download"] as const;
type Stream = (typeof streams)[number];

export const failover: Part = async (scene) => {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await createLab({ uplinks: 2 }));
  const address = servers.find(({ name }) => name === far)?.subnets[0]?.member;
  if (address === undefined) throw new Error("the lab has no target");
  const ground: Ground = { source: lab.host("edge"), destination: lab.host(far), address };
  stack.use(await startFarEnd(ground));
  stack.use(await startFarEnd({ ...ground, address: "127.0.0.1" }));
  stack.use(await serveChecked(ground.destination, filePort, file));
  await new RopewalkInLab(lab, launcher, settings).start(["node"]);
  const folder = join(scene.folder, "failover");
  await mkdir(folder);
  const ports = [services.echo, filePort];
  const tunnel = stack.use(await TunnelInLab.start(lab, { launcher, folder, far, ports }));
  await onPath(tunnel, home);
  const found = new Map<string, number[]>();
  const trials = Math.max(leastTrials, scene.rounds);
  for (let trial = 0; trial < trials; trial += 1) {
    for (const [index, deed] of deeds.entries()) {
      const number = trial * deeds.length + index;
      const stalls = await endure({ lab, ground, tunnel, scene, deed, number });
      for (const stream of streams) append(found, `${deed.name}, ${stream}`, stalls[stream]);
    }
  }
  for (const [what, all] of found) {
    scene.table.record(stallOf(what, "median"), ownColumn, 0, percentile(all, 0.5));
    scene.table.record(stallOf(what, "longest"), ownColumn, 0, Math.max(...all));
  }
  scene.table.note(
    `Failover: ${trials} trials of each death and ${2 * trials} returns; Ropewalk's node, profile fast, and ropewalk tunnel source run beside each other in one host, without delay on the uplinks. A stall of a message is from when it was due to its answer.`,
  );
};

interface Trial {
  readonly lab: Lab;
  readonly ground: Ground;
  readonly tunnel: TunnelInLab;
  readonly scene: Scene;
  readonly deed: Deed;
  /** Among all. */
  readonly number: number;
}

/** Milliseconds for which each stood still at most. */
async function endure({ lab, ground, tunnel, scene, deed, number }: Trial): Promise<Readonly<Record<Stream, number>>> {
  const plan = { count: 10_000_000, every: everyMicros };
  await using stack = new AsyncDisposableStack();
  const pinging = stack.use(await startPing(ground.source, { to: "127.0.0.1", port: services.echo }, plan));
  const download = stack.use(await CheckedDownload.begin(ground.source, filePort, file));
  const rival = await besides(scene, ground, number, stack);
  await delay(restMs);
  const at = process.hrtime.bigint();
  await deed.act(lab);
  await onPath(tunnel, deed.to);
  await delay(restMs);
  const longestPause = download.longestPauseSince(at, process.hrtime.bigint());
  const { micros, failed, isBroken } = await pinging.stop();
  const broken = `${deed.name}: streams that broke`;
  const brokenOnes = failed + (isBroken ? 1 : 0) + (download.broken === undefined ? 0 : 1);
  scene.table.record(countOf(broken), ownColumn, number, brokenOnes);
  if (tunnel.ended !== undefined) throw new Error(tunnel.ended);
  if (rival !== undefined) scene.table.record(countOf(broken), ssh.column, number, await rival());
  return { "a message each 20 ms": Math.max(...micros) / 1_000, "a download": longestPause };
}

/** `ssh -L` by the same uplinks: answers how many of its streams broke. Undefined where it cannot be had. */
async function besides({ folder, table }: Scene, ground: Ground, number: number, stack: AsyncDisposableStack) {
  if (table.isLeftOut(ssh.column)) return undefined;
  try {
    const own = join(folder, `ssh-${number}`);
    await mkdir(own);
    const tunnel = stack.use(
      await startReady(ssh, { ground, folder: own, firstPort: firstPort + (number % 50) * 100 }),
    );
    const pinging = stack.use(
      await startPing(ground.source, tunnel.way("echo"), { count: 10_000_000, every: everyMicros }),
    );
    return async () => {
      const { isBroken } = await pinging.stop();
      return isBroken || tunnel.failure() !== undefined ? 1 : 0;
    };
  } catch (error) {
    table.leaveOut(ssh.column, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function onPath(tunnel: TunnelInLab, uplink: string): Promise<void> {
  const end = performance.now() + limitMs;
  while (tunnel.story.by !== uplink) {
    if (performance.now() > end) throw new Error(`the lane did not come to ${uplink}: ${tunnel.log}`);
    await delay(20);
  }
}

function append(found: Map<string, number[]>, what: string, value: number): void {
  found.set(what, [...(found.get(what) ?? []), value]);
}

function stallOf(what: string, which: "median" | "longest"): Figure {
  const goals = which === "longest" ? ([{ kind: "figure", limit: goalMs }] as const) : [];
  return { metric: `${what}: stall, ${which} of the trials`, unit: "ms", better: "less", goals };
}

function countOf(metric: string): Figure {
  return { metric, unit: "", better: "less", goals: [{ kind: "figure", limit: 0 }] };
}
