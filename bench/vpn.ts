/**
 * The VPN's exit and its control: from a customer's request to his first echo through the exit, and how many sessions a second begin and end. Everything is
 * as shipped: HTTPS, mutual TLS, a database that is flushed, wireguard-go, nftables, idempotency and audit; all of it, customers included, on this machine.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeVpnFolder } from "@ropewalk/lab/vpn-stage";
import { atMost, describeMachine, percentile, type RaceOptions, type RaceReport, type RaceRow, told } from "./race.ts";
import { memory, processorTime } from "./tunnel/process-tree.ts";
import { measurePeers } from "./vpn/peers-part.ts";
import { machineWork, VpnSite } from "./vpn/site.ts";

const usual = { customers: 2_000, seconds: 60, perSecond: 250 } as const;
/** Before it is measured: the compilers', of all programs. */
const warming = 300;

/** As others have said of themselves, on other machines: https://github.com/firezone/firezone/pull/3772. */
const published = { "Firezone, published, other hardware": 3_000 };
const bare = "bare wireguard-go";
const fullExit = 10_000;

/** `--trials N` customers, or peers of a full exit, `--seconds N` and `--rounds N` sessions a second of the open loop, `--only echo|cycles|peers`. */
export async function race(options: RaceOptions): Promise<RaceReport> {
  const customers = Number(options["trials"] ?? usual.customers);
  const long = Number(options["seconds"] ?? usual.seconds);
  const perSecond = Number(options["rounds"] ?? usual.perSecond);
  const rows: RaceRow[] = [];
  const notes: string[] = [];
  const isMeant = (part: string) => options["only"] === undefined || options["only"] === part;
  if (isMeant("echo") || isMeant("cycles"))
    await onSite(customers, async (site) => {
      await site.tell({ kind: "echo", sessions: Math.min(warming, customers), perSecond: undefined }, "echoed");
      if (isMeant("echo")) await measureEchoes(site, customers, rows, notes);
      if (isMeant("cycles")) await measureCycles(site, { long, perSecond }, rows, notes);
    });
  const peers = Number(options["trials"] ?? fullExit);
  if (isMeant("peers")) await onSite(peers, (site) => measurePeers(site, peers, rows, notes));
  const rounds = `${customers} customers; ${long} s of ${perSecond} sessions a second; ${peers} peers`;
  return { race: "vpn", machine: describeMachine(), rounds, rows, notes, baseline: bare };
}

async function onSite(customers: number, work: (site: VpnSite) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-bench-"));
  try {
    await using site = await VpnSite.open(folder, customers);
    await work(site);
  } finally {
    await removeVpnFolder(folder);
  }
}

/** Its database is a child of it. */
async function pidOfEntry({ stage }: VpnSite): Promise<number> {
  const pid = await stage.entry.pid();
  if (pid === undefined) throw new Error(`entry has ended: ${stage.entry.log}`);
  return pid;
}

async function measureEchoes(site: VpnSite, customers: number, rows: RaceRow[], notes: string[]): Promise<void> {
  const alone = await site.tell({ kind: "bare", ground: await site.startBare(), sessions: customers }, "bared");
  for (const reason of new Set(alone.failed)) notes.push(`Failed with wireguard-go alone: ${reason}.`);
  notes.push(
    "Bare wireguard-go: from asking for a peer by UAPI, over a TCP connection that is there, to the first echo of the exit itself, one after another; no entry, no database, no firewall.",
    "Nobody publishes sessions a second, comparisons of a device or the time to a first packet as a figure that is kept up. Firezone says that a connection takes about 3 s since its change 3772.",
  );
  for (const perSecond of [undefined, 50]) {
    // Both are for who comes alone.
    const beside = (share: number) => (perSecond === undefined ? { [bare]: percentile(alone.echoed, share) } : {});
    const when = perSecond === undefined ? "one after another" : `${perSecond} a second`;
    const { answered, echoed, failed } = await site.tell({ kind: "echo", sessions: customers, perSecond }, "echoed");
    rows.push(
      {
        ...atMost(`request to first echo, ${when}, p50`, "ms", percentile(echoed, 0.5), 15),
        peers: perSecond === undefined ? { ...beside(0.5), ...published } : {},
      },
      { ...atMost(`request to first echo, ${when}, p99`, "ms", percentile(echoed, 0.99), 60), peers: beside(0.99) },
      atMost(`request to first echo, ${when}, slowest`, "ms", Math.max(...echoed), 1_000),
      told(`request to its answer, ${when}, p50`, "ms", percentile(answered, 0.5)),
      atMost(`sessions that failed, ${when}`, "", failed.length, 0),
    );
    for (const reason of new Set(failed)) notes.push(`Failed ${when}: ${reason}.`);
  }
}

async function measureCycles(
  site: VpnSite,
  { long, perSecond }: { readonly long: number; readonly perSecond: number },
  rows: RaceRow[],
  notes: string[],
): Promise<void> {
  const entry = await pidOfEntry(site);
  const entryBefore = processorTime([entry]);
  const before = machineWork();
  const order = { kind: "cycles", perSecond, seconds: long } as const;
  const { begun, ended, failed, took, processor } = await site.tell(order, "cycled");
  const system = machineWork() - before - processor;
  const ofEntry = 1_000 * (processorTime([entry]) - entryBefore);
  const rate = (1_000 * ended.length) / took;
  rows.push(
    {
      ...atMost("sessions begun and ended, of those asked for", "per second", rate, perSecond),
      better: "more",
      met: rate >= 0.97 * perSecond,
    },
    atMost("start under that load, p99", "ms", percentile(begun, 0.99), 100),
    atMost("end under that load, p99", "ms", percentile(ended, 0.99), 100),
    atMost("changes that failed under that load", "", failed.length, 0),
    atMost("memory of entry and its database behind that load (PSS)", "MiB", memory([entry]) / 1_024 ** 2, 250),
    told("processor of the customers", "of a core", processor / took),
    told("processor of entry and its database", "of a core", ofEntry / took),
    told("processor of all else", "of a core", (system - ofEntry) / took),
  );
  for (const reason of new Set(failed)) notes.push(`Failed under load: ${reason}.`);
}
