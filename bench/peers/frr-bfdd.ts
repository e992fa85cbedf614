/**
 * FRR's bfdd at both ends, edge and core: one multihop session with its defaults, one at 50 ms. Decisions are the changes of
 * state that it logs.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "@ropewalk/lab/lab";
import { VerdictLog } from "../verdict-log.ts";
import { farEnds, ipv4AddressOf } from "./addresses.ts";
import type { Entrant, Peer, RunningPeer } from "./peer.ts";
import { PeerProcesses } from "./peer-process.ts";
import { findProgram } from "./program.ts";

const columns = ["FRR bfdd 300 ms × 3", "FRR bfdd 50 ms × 3"] as const;
const fast = "  transmit-interval 50\n  receive-interval 50\n";
const runFolder = "/run/bfdd-race";

/**
 * bfdd wants a group "frrvty" that holds its user, and writes below /var/tmp; in mounts of its own it has both, and the
 * machine stays as it is.
 */
const ownMachine = `
set -e
mkdir -p ${runFolder}
(cat /etc/group; echo frrvty:x:64999:root) >${runFolder}/group
mount --bind ${runFolder}/group /etc/group
mount -t tmpfs tmpfs /var/tmp
exec "$@"
`;

export function frrBfdd(): Entrant {
  const program = findProgram("frr", "usr/lib/frr/bfdd");
  if (program.kind === "lacking") return { kind: "not run", columns, why: `FRR bfdd: ${program.why}` };
  return { kind: "ready", peer: peer(program.words) };
}

function peer(words: readonly string[]): Peer {
  return {
    name: "FRR bfdd",
    columns,
    notes: ["FRR bfdd: multihop sessions, 300 ms × 3 is its default."],
    stays: "turn",
    downLimitMs: 10_000,
    upLimitMs: 15_000,
    warmUpMs: 2_000,
    restMs: 2_000,
    start: (lab, uplink) => start(words, lab, uplink),
  };
}

async function start(words: readonly string[], lab: Lab, uplink: string): Promise<RunningPeer> {
  const processes = new PeerProcesses();
  const folder = await mkdtemp(join(tmpdir(), "bfdd-race-"));
  processes.defer(() => rm(folder, { recursive: true, force: true }));
  const source = ipv4AddressOf(lab, uplink);
  const ends = farEnds(lab, uplink);
  await writeFile(join(folder, "edge.conf"), configuration(ends.map((far) => [source, far])));
  await writeFile(join(folder, "core.conf"), configuration(ends.map((far) => [far, source])));
  const monitors = columns.map((column, index) => ({ column, far: ends[index], log: new VerdictLog(true) }));
  const onLine = (line: string, at: bigint) => {
    const [, far, state] = /state-change: \[mhop:yes peer:(\S+) .*\] \w+ -> (\w+)/.exec(line) ?? [];
    const monitor = monitors.find((candidate) => candidate.far === far);
    if (monitor !== undefined) monitor.log.say(at, state !== "up");
  };
  for (const host of ["core", "edge"]) {
    const sockets = ["--vty_socket", runFolder, "--bfdctl", `${runFolder}/bfdd.sock`, "-z", `${runFolder}/zserv.api`];
    const files = ["-f", join(folder, `${host}.conf`), "-i", `${runFolder}/bfdd.pid`];
    const options = [
      "-u",
      "root",
      "-g",
      "root",
      "-A",
      "127.0.0.1",
      "-P",
      "0",
      "--log",
      "stdout",
      "--log-level",
      "debug",
    ];
    const machine = ["unshare", "--mount", "sh", "-c", ownMachine, "bfdd"];
    processes.start(
      lab.host(host),
      "bfdd",
      [...machine, ...words, ...files, ...sockets, ...options],
      host === "edge" ? onLine : undefined,
    );
  }
  return {
    monitors,
    failure: () => processes.failure(),
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

/** `minimum-ttl`: the path crosses routers, and its default allows one. */
function configuration(sessions: readonly (readonly [local: string, peer: string])[]): string {
  const peers = sessions.map(([local, far], index) => {
    const intervals = index === 0 ? "" : fast;
    return ` peer ${far} multihop local-address ${local}\n  minimum-ttl 1\n${intervals} exit\n`;
  });
  return `debug bfd peer\nbfd\n${peers.join("")}`;
}
