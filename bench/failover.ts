/**
 * How much is lost, and for how long, when an uplink dies under traffic: Ropewalk, the kernel alone, and other people's
 * monitors with scripts, in one lab, under the same faults. Senders and receivers are not in Node.
 */
import { blackholeGap } from "./failover/blackhole-gap.ts";
import { carrierLoss, carrierLossDisturbed, carrierLossKilled } from "./failover/carrier-loss.ts";
import type { Driver, Entrant } from "./failover/driver.ts";
import { FailoverTable, ownColumn } from "./failover/failover-table.ts";
import { hostileNeighbour } from "./failover/hostile-neighbour.ts";
import { kernelDriver } from "./failover/kernel-driver.ts";
import { largeSite } from "./failover/large-site.ts";
import { meteredDrain } from "./failover/metered-drain.ts";
import { nameLookUps } from "./failover/name-look-ups.ts";
import { oneFamilyDies } from "./failover/one-family.ts";
import type { Part } from "./failover/plan.ts";
import { plannedSwitch } from "./failover/planned-switch.ts";
import { restart } from "./failover/restart.ts";
import { ropewalkDriver } from "./failover/ropewalk-driver.ts";
import { startedProcesses } from "./failover/started-processes.ts";
import { strandedFlows } from "./failover/stranded-flows.ts";
import { dpingerDrivers } from "./peers/dpinger-driver.ts";
import { keepalivedDrivers } from "./peers/keepalived-driver.ts";
import { describeMachine, type RaceOptions, type RaceReport } from "./race.ts";

/** `peers`: whether others take part in it too. */
const parts = {
  carrier: { run: carrierLoss, peers: true },
  killed: { run: carrierLossKilled, peers: false },
  disturbed: { run: carrierLossDisturbed, peers: false },
  blackhole: { run: blackholeGap, peers: true },
  planned: { run: plannedSwitch, peers: false },
  neighbour: { run: hostileNeighbour, peers: false },
  flows: { run: strandedFlows, peers: true },
  names: { run: nameLookUps, peers: false },
  ipv6: { run: oneFamilyDies, peers: false },
  scale: { run: largeSite, peers: false },
  processes: { run: startedProcesses, peers: false },
  restart: { run: restart, peers: false },
  drain: { run: meteredDrain, peers: false },
} as const satisfies Readonly<Record<string, { readonly run: Part; readonly peers: boolean }>>;

const fromWhen =
  "Isolated means that no link of the whole machine changes, also in other people's namespaces. A gap is from the last packet that arrived by the old uplink to the first by the new one, at 1,000 a second; equal ifindexes are as hardware has them.";

/** `--only PART` of `parts`, `--who ours`, `peers` or a part of a column's name; `--trials N` of Ropewalk, `--rounds N` of peers. */
export async function race(options: RaceOptions): Promise<RaceReport> {
  const entrants = enter(options["who"]);
  const table = new FailoverTable(entrants.map(columnOf).filter((column) => column !== ownColumn));
  for (const entrant of entrants) if (entrant.kind === "not run") table.leaveOut(entrant.column, entrant.why);
  const drivers = entrants.flatMap((entrant) => (entrant.kind === "ready" ? [entrant.driver] : []));
  const plan = {
    roundTripsMs: options["rtt"]?.split(",").map(Number) ?? [0, 10],
    minutes: Number(options["minutes"] ?? 5),
    uplinks: 2,
  };
  const hasOwn = drivers.some(({ column }) => column === ownColumn);
  const hasPeers = drivers.some(({ column }) => column !== ownColumn);
  const trials = Number(options["trials"] ?? 200);
  const rounds = Number(options["rounds"] ?? 5);
  for (const [name, part] of chosenParts(options["only"])) {
    for (const driver of drivers) {
      const isOwn = driver.column === ownColumn;
      if (!isOwn && (!part.peers || table.isLeftOut(driver.column))) continue;
      process.stderr.write(`${name}: ${driver.column}\n`);
      await runPart(part.run, { ...plan, driver, trials: isOwn ? trials : rounds }, table);
    }
  }
  return {
    race: "failover",
    machine: describeMachine(),
    rounds: [
      ...(hasOwn ? [`${trials} trials of Ropewalk a row`] : []),
      ...(hasPeers ? [`${rounds} of peers`] : []),
    ].join(", "),
    rows: table.rows(),
    notes: [fromWhen, ...new Set(drivers.flatMap(({ notes }) => notes)), ...table.notes],
  };
}

/** A peer that fails leaves the others their race; Ropewalk may not fail. */
async function runPart(run: Part, plan: Parameters<Part>[0], table: FailoverTable): Promise<void> {
  const { column } = plan.driver;
  try {
    await run(plan, table);
  } catch (error) {
    if (column === ownColumn) throw error;
    table.leaveOut(column, `${column}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function chosenParts(only: string | undefined): readonly [string, { readonly run: Part; readonly peers: boolean }][] {
  const chosen = Object.entries(parts).filter(([name]) => only === undefined || only.split(",").includes(name));
  if (chosen.length === 0) throw new Error(`--only ${only}: expected some of ${Object.keys(parts).join(", ")}`);
  return chosen;
}

/** Nobody else's packages are fetched for `ours`. */
function enter(who: string | undefined): readonly Entrant[] {
  const ours: readonly Entrant[] = [ready(ropewalkDriver())];
  if (who === "ours") return ours;
  const peers = [ready(kernelDriver), ...dpingerDrivers(process.env["DPINGER"]), ...keepalivedDrivers()];
  if (who === undefined) return [...ours, ...peers];
  const chosen = who === "peers" ? peers : peers.filter((entrant) => columnOf(entrant).includes(who));
  if (chosen.length === 0) throw new Error(`--who ${who}: expected ours, peers or a part of ${peers.map(columnOf)}`);
  return chosen;
}

function ready(driver: Driver): Entrant {
  return { kind: "ready", driver };
}

function columnOf(entrant: Entrant): string {
  return entrant.kind === "ready" ? entrant.driver.column : entrant.column;
}
