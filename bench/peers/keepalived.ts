/**
 * keepalived: a VRRP instance each that follows a ping script or a BFD session, and goes to FAULT with it. BFD needs a second
 * keepalived at the far end, which is core's. Decisions are read from its notify FIFO.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "@ropewalk/lab/lab";
import { VerdictLog } from "../verdict-log.ts";
import { farEnds, ipv4AddressOf } from "./addresses.ts";
import { bfdSession, daemonWords, runFolder } from "./keepalived-daemon.ts";
import type { Entrant, Peer, RunningPeer } from "./peer.ts";
import { PeerProcesses } from "./peer-process.ts";
import { findProgram } from "./program.ts";

const target = "203.0.113.10";
const fifo = `${runFolder}/notify`;

/** A script at 50 ms there cannot be: its interval is whole seconds. */
const instances = [
  { column: "keepalived ping 1 s", instance: "ping", track: "track_script" },
  { column: "keepalived BFD 10 ms × 5", instance: "bfd", track: "track_bfd" },
  { column: "keepalived BFD 50 ms × 5", instance: "bfd50", track: "track_bfd" },
] as const;
const sessionKinds = [
  { name: "bfd", intervals: "" },
  { name: "bfd50", intervals: "min_rx 50\n  min_tx 50" },
] as const;
const columns = instances.map(({ column }) => column);

export function keepalived(): Entrant {
  const program = findProgram("keepalived", "usr/sbin/keepalived");
  if (program.kind === "lacking") return { kind: "not run", columns, why: `keepalived: ${program.why}` };
  return { kind: "ready", peer: peer(program.words) };
}

function peer(words: readonly string[]): Peer {
  return {
    name: "keepalived",
    columns,
    notes: ["keepalived ping: a vrrp_script of ping -c 1 -W 1, its shortest interval is 1 s; there is none at 50 ms."],
    stays: "turn",
    downLimitMs: 15_000,
    upLimitMs: 20_000,
    // A BFD session that is up still agrees on its intervals.
    warmUpMs: 3_000,
    restMs: 3_000,
    start: (lab, uplink) => start(words, lab, uplink),
  };
}

async function start(words: readonly string[], lab: Lab, uplink: string): Promise<RunningPeer> {
  const processes = new PeerProcesses();
  const folder = await mkdtemp(join(tmpdir(), "keepalived-race-"));
  processes.defer(() => rm(folder, { recursive: true, force: true }));
  await writeConfigurations(folder, lab, uplink);
  const monitors = instances.map(({ column, instance }) => ({ column, instance, log: new VerdictLog(true) }));
  for (const host of ["core", "edge"]) {
    const place = lab.host(host);
    await place.exec("sh", ["-c", `mkdir -p ${runFolder} && rm -f ${fifo} && mkfifo ${fifo}`]);
    processes.start(place, "keepalived", daemonWords(words, join(folder, `${host}.conf`)));
  }
  processes.start(lab.host("edge"), "the reader of its notices", ["cat", fifo], (line, at) => {
    const [, instance, state] = /^INSTANCE "(\w+)" (\w+)/.exec(line) ?? [];
    monitors.find((monitor) => monitor.instance === instance)?.log.say(at, state === "FAULT");
  });
  return {
    monitors,
    failure: () => processes.failure(),
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

/** `edge.conf` and `core.conf`. */
async function writeConfigurations(folder: string, lab: Lab, uplink: string): Promise<void> {
  const near = ipv4AddressOf(lab, uplink);
  const sessions = sessionKinds.map((kind, index) => ({ ...kind, far: farEnds(lab, uplink)[index] ?? "" }));
  const edge = [
    `global_defs {\n  script_user root\n  vrrp_notify_fifo ${fifo}\n}\n`,
    `vrrp_script ping {\n  script "/usr/bin/ping -n -c 1 -W 1 -I ${uplink} ${target}"\n}\n`,
    ...sessions.map(({ name, far, intervals }) => bfdSession(name, near, far, intervals)),
    ...instances.map(({ instance, track }, index) => follower(instance, track, index + 51)),
  ];
  const core = sessions.map(({ name, far, intervals }) => bfdSession(name, far, near, intervals));
  await writeFile(join(folder, "edge.conf"), edge.join(""));
  await writeFile(join(folder, "core.conf"), core.join(""));
}

function follower(name: string, track: string, id: number): string {
  return `vrrp_instance ${name} {
  state BACKUP
  interface lan0
  virtual_router_id ${id}
  priority 100
  ${track} {
    ${name}
  }
}
`;
}
