/**
 * An exit with as many peers as it is made for, each of a session that entry began: what it takes to compare its device, to put right what somebody has
 * changed behind its back, to write all anew, and the memory of its program.
 */
import type { LabHost } from "@ropewalk/lab/lab-host";
import { places } from "@ropewalk/lab/vpn-stage";
import { atMost, percentile, type RaceRow, told } from "../race.ts";
import type { VpnSite } from "./site.ts";

interface Compared {
  readonly tookMs: number;
  readonly added: number;
  readonly removed: number;
  readonly updated: number;
}

/** It compares twice a minute, for as long as it runs. */
const comparisons = 7;
const drifts = 100;
/** Of each kind: missing, too many, with another's address, with another preshared key, swapped. */
const each = drifts / 5;
const attempts = 3;

export async function measurePeers(site: VpnSite, peers: number, rows: RaceRow[], notes: string[]): Promise<void> {
  const { failed } = await site.tell({ kind: "hold" }, "held");
  const exit = site.hostOf(places.exit);
  const held = await countPeers(exit);
  rows.push(atMost(`sessions of ${peers} that did not begin`, "", failed.length, 0));
  if (held !== peers) notes.push(`The device had ${held} peers.`);
  const still: number[] = [];
  while (still.length < comparisons) still.push((await reconcile(site)).tookMs);
  const comparison = `comparison of ${peers} peers in which nothing differs`;
  rows.push(
    atMost(`${comparison}, p50 of ${comparisons}`, "ms", percentile(still, 0.5), 300),
    told(`${comparison}, slowest`, "ms", Math.max(...still)),
  );
  const drifted = await drift(site, exit, peers);
  rows.push(atMost(`repair of ${drifts} drifts among ${peers}`, "ms", drifted.tookMs, 500), {
    ...told("stanzas that it wrote", "", writtenIn(drifted)),
    goal: drifts,
    met: writtenIn(drifted) === drifts,
  });
  await sh(exit, "wg show wg0 peers | sed 's/.*/peer\\n&\\nremove/' | xargs -n 3000 wg set wg0");
  const anew = await reconcile(site);
  rows.push(atMost(`all ${anew.added} peers written anew`, "ms", anew.tookMs, 3_000));
  const status = JSON.parse(await site.stage.exit.command("status", "--json")) as { readonly pid: number };
  const { stdout } = await exit.exec("sed", ["-n", "s/^VmRSS:\\s*\\([0-9]*\\).*/\\1/p", `/proc/${status.pid}/status`]);
  rows.push(atMost("memory of the exit's program with them", "MiB", Number(stdout) / 1024, 250));
}

function writtenIn({ added, removed, updated }: Compared): number {
  return added + removed + updated;
}

async function reconcile({ stage }: VpnSite): Promise<Compared> {
  return JSON.parse(await stage.exit.command("reconcile", "--json")) as Compared;
}

/** The exit compares by itself each half minute, too, and may be quicker: then it is done once more. */
async function drift(site: VpnSite, exit: LabHost, peers: number): Promise<Compared> {
  for (let attempt = 1; ; attempt += 1) {
    await sh(exit, driftScript(Math.floor(peers / drifts)));
    const found = await reconcile(site);
    if (writtenIn(found) === drifts || attempt === attempts) return found;
  }
}

/** Of every so many peers one; the addresses of the fifth kind go round by one. */
const driftScript = (stride: number) => `
set -e
wg show wg0 allowed-ips | awk '(NR - 1) % ${stride} == 0 { print $1, $2 }' | head -n ${drifts} >/run/drifts
[ "$(wc -l </run/drifts)" -eq ${drifts} ]
pick() { sed -n "$(( ($1 - 1) * ${each} + 1 )),$(( $1 * ${each} ))p" /run/drifts; }
wg genpsk >/run/psk
pick 1 | while read -r key _; do echo "peer $key remove"; done >/run/words
i=0; while [ $i -lt ${each} ]; do echo "peer $(wg genkey | wg pubkey)"; i=$((i+1)); done >>/run/words
pick 3 | awk '{ print "peer", $1, "allowed-ips", "10.255.0." NR "/32" }' >>/run/words
pick 4 | while read -r key _; do echo "peer $key preshared-key /run/psk"; done >>/run/words
pick 5 | awk '{ keys[NR] = $1; addresses[NR] = $2 }
  END { for (i = 1; i <= NR; i++) print "peer", keys[i], "allowed-ips", addresses[i % NR + 1] }' >>/run/words
xargs wg set wg0 </run/words
`;

async function countPeers(exit: LabHost): Promise<number> {
  return Number((await sh(exit, "wg show wg0 peers | wc -l")).trim());
}

async function sh(host: LabHost, script: string): Promise<string> {
  return (await host.exec("sh", ["-c", script])).stdout;
}
