/**
 * What being part of a mesh costs a node while nothing happens: two daemons at the same time, each on a host of its own, of which one has a
 * neighbour in the mesh and the other is part of none. Nothing else is probed.
 */
import { createLab } from "@ropewalk/lab/lab";
import { lanSubnets } from "@ropewalk/lab/topology";
import { type DaemonConfiguration, DaemonInLab, daemonCommand } from "../daemon-in-lab.ts";
import { ownPids, type Sample, sample } from "../idle.ts";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import { bareColumn, type Part } from "./part.ts";

const port = 7412;
/** As the edge's client dials it. */
const edgeAddress = lanSubnets.find(({ family }) => family === "ipv4")?.router;
const settings = { BACKHAUL_PROBE_ENABLED: "false" };
const none: DaemonConfiguration = { toml: "", settings };

const memory: Figure = {
  metric: "an idle node with a neighbour: resident memory",
  unit: "MB",
  better: "less",
  goals: [],
};
const more: Figure = {
  ...{ metric: "what of it is the mesh's", unit: "MB", better: "less" },
  goals: [{ kind: "figure", limit: 15 }],
};
const processor: Figure = {
  metric: "an idle node with a neighbour: processor",
  unit: "% of a core",
  better: "less",
  goals: [],
};
const busier: Figure = {
  ...{ metric: "what of that is the mesh's", unit: "% of a core", better: "less" },
  goals: [{ kind: "figure", limit: 0.5 }],
};

export const idle: Part = async ({ table, minutes, from }) => {
  if (minutes < 2) throw new Error("--minutes: the first is the start's, so that two are the fewest");
  await using lab = await createLab({ uplinks: 1 });
  await using otherLab = await createLab({ uplinks: 1 });
  const command = daemonCommand(from);
  const looked = [...ownPids, ...command];
  await using plain = await DaemonInLab.start(otherLab.host("edge"), looked, none);
  await using meshing = await DaemonInLab.start(
    lab.host("edge"),
    looked,
    meshed(`transport.listen = ["0.0.0.0:${port}"]`),
  );
  const entry = `[[mesh.peer]]\nat = "${edgeAddress}:${port}"`;
  await using _neighbour = await DaemonInLab.start(lab.host("client"), command, meshed(entry));
  const [without, within] = await Promise.all([sample(plain.process, minutes), sample(meshing.process, minutes)]);
  await expectNeighbour(meshing);
  const [bare, ours] = [costs(without), costs(within)];
  for (const [figure, cost] of [
    [memory, "megabytes"],
    [processor, "percent"],
  ] as const) {
    table.record(figure, ownColumn, 0, ours[cost]);
    table.record(figure, bareColumn, 0, bare[cost]);
    table.record(cost === "megabytes" ? more : busier, ownColumn, 0, ours[cost] - bare[cost]);
  }
  table.note(
    "The bare idle node is part of no mesh. Processor time is from the first minute on, memory that at the end.",
  );
};

/** `words`: of the table [mesh]. */
function meshed(words: string): DaemonConfiguration {
  return { toml: `[mesh]\ndiscovery.enabled = false\n${words}\n`, settings };
}

/** A node that is alone is no measurement of one in a mesh. */
async function expectNeighbour(daemon: DaemonInLab): Promise<void> {
  const { mesh } = await daemon.status();
  if (mesh?.neighbours !== 1) throw new Error(`the node that was measured has no neighbour: ${JSON.stringify(mesh)}`);
}

/** At the end, and from the first minute on. */
function costs(samples: readonly Sample[]): { readonly megabytes: number; readonly percent: number } {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) throw new Error("no sample was taken");
  return {
    megabytes: (last.rssMiB * 2 ** 20) / 1e6,
    percent: (100 * (last.cpu - first.cpu)) / (last.at - first.at),
  };
}
