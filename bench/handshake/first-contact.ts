/** Two ends that have never met, with a line of 64 kbit/s between them: how long until both have finished, and the next time. */
import { join } from "node:path";
import { millis } from "@ropewalk/kernel/units";
import { LabError } from "@ropewalk/lab/errors";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { interfaces, servers } from "@ropewalk/lab/topology";
import { atMost, told } from "../race.ts";
import type { Findings, Part, Scene } from "./part.ts";
import { type TunnelEnd, tunnelCommand } from "./tunnel-command.ts";
import { type StampedAnswer, TunnelInLab } from "./tunnel-in-lab.ts";

const uplink = "wan0";
const queue = millis(500);
const delay = millis(50);
const port = 8443;
const goalSeconds = 180;
const startLimitMs = 20_000;
const contactLimitMs = 300_000;

export const firstContact: Part = async (scene) => {
  try {
    await using lab = await createLab({ uplinks: 1 });
    await lab.delay(uplink, delay);
    await narrow(lab);
    return await measure(lab, scene);
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== "LAB_UNSUPPORTED") throw error;
    return { rows: [], notes: [`First contact was not run: ${error.message}`] };
  }
};

/** As `lab.shape` does, with a bucket of one packet: its own ten would let most of a second contact through at once. */
async function narrow(lab: Lab): Promise<void> {
  for (const device of [interfaces.customer, interfaces.upstream]) {
    const bucket = ["rate", "64kbit", "burst", "1600", "latency", `${queue}ms`];
    await lab.host(lab.uplink(uplink).isp).exec("tc", ["qdisc", "replace", "dev", device, "root", "tbf", ...bucket]);
  }
}

async function measure(lab: Lab, { folder, tunnel, trials }: Scene): Promise<Findings> {
  const first: Contact[] = [];
  const second: Contact[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const end = (name: "source" | "destination"): TunnelEnd => {
      return { files: tunnel[name], mode: "hybrid", state: join(folder, `${trial}`, name) };
    };
    const answer = await tunnelCommand(["answer", `0.0.0.0:${port}`], end("destination"));
    await using destination = new TunnelInLab(lab.host("target-1"), answer);
    await destination.next(startLimitMs);
    for (const contacts of [first, second]) contacts.push(await meet(lab, destination, end("source")));
  }
  const slowest = (contacts: readonly Contact[]) => Math.max(...contacts.map(({ took }) => took));
  return {
    rows: [
      atMost("first contact at 64 kbit/s, hybrid, to both Finished", "s", slowest(first), goalSeconds),
      told("second contact at 64 kbit/s, hybrid, to both Finished", "s", slowest(second)),
    ],
    notes: [
      `First contact: 64 kbit/s and ${delay} ms each way, ${queue} ms of queue; from before the TCP connection; the slowest of ${trials}. Both ends are ropewalk's commands with the settings that are shipped, and neither holds a key of the other before.`,
      ...[...first, ...second].flatMap(({ refusals }) => refusals),
    ],
  };
}

interface Contact {
  /** Seconds; Infinity when one end refused the other. */
  readonly took: number;
  readonly refusals: readonly string[];
}

async function meet(lab: Lab, destination: TunnelInLab, source: TunnelEnd): Promise<Contact> {
  const target = servers.find(({ name }) => name === "target-1")?.subnets[0]?.member;
  if (target === undefined) throw new Error("the lab has no target");
  const words = ["probe", `${target}:${port}`, "--server-name", "localhost"];
  await using probe = new TunnelInLab(lab.host("edge"), await tunnelCommand(words, source));
  const both = await Promise.all([probe.next(contactLimitMs), destination.next(contactLimitMs)]);
  const began = beginningOf(both[0]);
  const refusals = both.flatMap(({ line }) => (line.kind === "refused" ? [`At 64 kbit/s: ${line.text}.`] : []));
  if (began === undefined || refusals.length > 0) return { took: Number.POSITIVE_INFINITY, refusals };
  return { took: (Math.max(...both.map(({ at }) => at)) - began) / 1_000, refusals: [] };
}

/** When the source began to open the connection: it tells how long it took, and the moment at which it told that is known. */
function beginningOf({ at, line }: StampedAnswer): number | undefined {
  return line.kind === "established" ? at - (line.times.connectMs ?? 0) - line.times.establishedMs : undefined;
}
