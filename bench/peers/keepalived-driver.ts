/**
 * keepalived as a driver: a VRRP instance that follows the uplink's carrier and a ping script or a BFD session, and whose
 * notify scripts move the default route. BFD needs a second keepalived at the far end, which is core's.
 */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "@ropewalk/lab/lab";
import type { Driver, Entrant, RunningDriver } from "../failover/driver.ts";
import { home, refuge, settlesAtHome } from "../failover/home-watch.ts";
import { target } from "../failover/ways.ts";
import { farEnds, ipv4AddressOf } from "./addresses.ts";
import { bfdSession, daemonWords, runFolder } from "./keepalived-daemon.ts";
import { PeerProcesses } from "./peer-process.ts";
import { findProgram } from "./program.ts";
import { moveScript, prepareStaticRouting } from "./static-routing.ts";

const variants = [
  { column: "keepalived ping 1 s + script", kind: "ping" },
  { column: "keepalived BFD 10 ms × 5 + script", kind: "bfd" },
] as const;
type Variant = (typeof variants)[number];

export function keepalivedDrivers(): readonly Entrant[] {
  const program = findProgram("keepalived", "usr/sbin/keepalived");
  return variants.map((variant): Entrant => {
    const { column } = variant;
    if (program.kind === "lacking") return { kind: "not run", column, why: `keepalived: ${program.why}` };
    return { kind: "ready", driver: driver(program.words, variant) };
  });
}

function driver(words: readonly string[], variant: Variant): Driver {
  return {
    column: variant.column,
    notes: [
      "keepalived + script: track_interface and a ping script or BFD; notify scripts run `ip route replace default …`.",
      "BFD needs a second daemon at the far end of the path; Ropewalk and dpinger do not.",
    ],
    moveLimitMs: 15_000,
    aftermathMs: 4_000,
    start: (lab) => start(words, variant, lab),
  };
}

async function start(words: readonly string[], variant: Variant, lab: Lab): Promise<RunningDriver> {
  await prepareStaticRouting(lab);
  const processes = new PeerProcesses();
  const folder = await mkdtemp(join(tmpdir(), "keepalived-race-"));
  processes.defer(() => rm(folder, { recursive: true, force: true }));
  const script = join(folder, "move.sh");
  await writeFile(script, `#!/bin/sh\n${moveScript(lab, refuge)}`);
  await chmod(script, 0o755);
  const [near, [far]] = [ipv4AddressOf(lab, home), farEnds(lab, home)];
  await writeFile(join(folder, "edge.conf"), edgeConfiguration(variant, script, bfdSession("bfd", near, far, "")));
  await writeFile(join(folder, "core.conf"), bfdSession("bfd", far, near, ""));
  const hosts = variant.kind === "bfd" ? ["core", "edge"] : ["edge"];
  for (const name of hosts) {
    await lab.host(name).exec("mkdir", ["-p", runFolder]);
    processes.start(lab.host(name), "keepalived", daemonWords(words, join(folder, `${name}.conf`)));
  }
  return {
    // A BFD session that is up still agrees on its intervals.
    settled: settlesAtHome(lab, { warmUpMs: 8_000, restMs: 3_000, returnLimitMs: 30_000 }),
    kill: () => processes[Symbol.asyncDispose](),
    use: undefined,
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

function edgeConfiguration({ kind }: Variant, script: string, session: string): string {
  const check = `vrrp_script ping {
  script "/usr/bin/ping -n -c 1 -W 1 -I ${home} ${target.address}"
  interval 1
}
`;
  const tracked = kind === "ping" ? "track_script {\n    ping\n  }" : "track_bfd {\n    bfd\n  }";
  return `global_defs {
  script_user root
}
${kind === "ping" ? check : session}vrrp_instance watch {
  state BACKUP
  interface lan0
  virtual_router_id 51
  priority 100
  track_interface {
    ${home}
  }
  ${tracked}
  notify_fault "${script} away"
  notify_backup "${script} back"
  notify_master "${script} back"
}
`;
}
