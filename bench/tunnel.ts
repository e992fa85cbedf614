/**
 * What a tunnel carries, how soon, and at what cost: Ropewalk, stunnel, `ssh -L` and spiped with the same load on the same
 * machine, one after another within a round. All of them run in namespaces of their own, on loopback or over a line of the lab.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeIdentities } from "./handshake/identities.ts";
import { describeMachine, type RaceOptions, type RaceReport } from "./race.ts";
import { badLine } from "./tunnel/bad-line.ts";
import { bareWay } from "./tunnel/bare-way.ts";
import { rekeying } from "./tunnel/compared-settings.ts";
import { cuts } from "./tunnel/cuts.ts";
import { bareColumn, type Identities, ownColumn, type TunnelEntrant } from "./tunnel/entrant.ts";
import { failover } from "./tunnel/failover.ts";
import { idleMemory } from "./tunnel/idle-memory.ts";
import { latency } from "./tunnel/latency.ts";
import { opensAndCloses } from "./tunnel/opens-and-closes.ts";
import type { Part } from "./tunnel/part.ts";
import { refreshes } from "./tunnel/refreshes.ts";
import { ropewalk } from "./tunnel/ropewalk-ends.ts";
import { RoundTable } from "./tunnel/round-table.ts";
import { spiped } from "./tunnel/spiped-ends.ts";
import { ssh } from "./tunnel/ssh-ends.ts";
import { stalledReaders } from "./tunnel/stalled-readers.ts";
import { stunnel } from "./tunnel/stunnel-ends.ts";
import { throughput } from "./tunnel/throughput.ts";

/** `own`: it asks nothing of others. */
const parts: Readonly<Record<string, { readonly run: Part; readonly isOwn?: true }>> = {
  throughput: { run: throughput },
  latency: { run: latency },
  line: { run: badLine },
  rekey: { run: rekeying, isOwn: true },
  cuts: { run: cuts, isOwn: true },
  refresh: { run: refreshes, isOwn: true },
  failover: { run: failover, isOwn: true },
  memory: { run: idleMemory },
  stalled: { run: stalledReaders },
  opens: { run: opensAndCloses },
};

/**
 * `--only PART,…` of `parts`; `--who ours`, `peers` or parts of columns' names; `--seconds N` of one run, `--rounds N`: what is
 * left out is for a first look, and results take five rounds at least.
 */
export async function race(options: RaceOptions): Promise<RaceReport> {
  const chosen = chosenParts(options["only"]);
  const plan = {
    ...{ rounds: Number(options["rounds"] ?? 3), seconds: Number(options["seconds"] ?? 2) },
    ...{ minutes: Number(options["minutes"] ?? 1), trials: Number(options["trials"] ?? 20_000) },
  };
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-bench-"));
  try {
    const identities: Identities = {
      ours: await makeIdentities(folder, { algorithm: "ml-dsa-65", hasKemKeys: true }),
      classic: await makeIdentities(folder, { algorithm: "p-256", hasKemKeys: false }),
    };
    const entrants = chosenEntrants(identities, options["who"]);
    const hasOwn = entrants.some(({ column }) => column === ownColumn);
    const table = new RoundTable();
    for (const [name, { run, isOwn }] of chosen) {
      if (isOwn === true && !hasOwn) continue;
      process.stderr.write(`${name}\n`);
      const own = join(folder, name);
      await mkdir(own);
      await orTold(name, table, () => run({ ...plan, folder: own, identities, entrants, table }));
    }
    const { rounds, seconds, minutes, trials } = plan;
    return {
      ...{ race: "tunnel", machine: describeMachine(), rows: table.rows(), notes: table.notes, baseline: bareColumn },
      rounds: `${rounds} rounds, ${seconds} s a run, ${minutes} min of refreshes, ${trials} opens; medians, and of ratios the medians of rounds' ratios`,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where Ropewalk itself fails, the other parts still have their say, and the race is not won. */
async function orTold(name: string, table: RoundTable, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    table.note(`${name} was not run to its end: ${error instanceof Error ? error.message : String(error)}`);
    const goals = [{ kind: "figure", limit: 0 }] as const;
    table.record({ metric: `${name}: broken off`, unit: "", better: "less", goals }, ownColumn, 0, 1);
  }
}

function chosenParts(only: string | undefined) {
  const chosen = Object.entries(parts).filter(([name]) => only === undefined || only.split(",").includes(name));
  if (chosen.length === 0) throw new Error(`--only ${only}: expected some of ${Object.keys(parts).join(", ")}`);
  return chosen;
}

/** The bare path is always there: without it nobody knows what could be had. */
function chosenEntrants(identities: Identities, who: string | undefined): readonly TunnelEntrant[] {
  const ours = ropewalk(identities);
  const peers = [stunnel(identities), ssh, spiped];
  if (who === undefined) return [ours, ...peers, bareWay];
  if (who === "peers") return [...peers, bareWay];
  const names = who.split(",").map((name) => (name === "ours" ? ownColumn : name));
  const chosen = [ours, ...peers].filter(({ column }) => names.some((name) => column.includes(name)));
  if (chosen.length === 0) throw new Error(`--who ${who}: expected ours, peers or parts of ${peers.map(columnOf)}`);
  return [...chosen, bareWay];
}

function columnOf({ column }: TunnelEntrant): string {
  return column;
}
