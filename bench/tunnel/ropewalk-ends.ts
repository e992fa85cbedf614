/** Ropewalk at both ends, as people run it: certificates by `ropewalk cert`, two configurations, two programs, settings as shipped. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { Made } from "../handshake/identities.ts";
import { type Identities, ownColumn, type RunningTunnel, type TunnelEntrant, type TunnelPlan } from "./entrant.ts";
import { serviceNames, services } from "./ground.ts";
import { portsFor, TunnelProcesses } from "./tunnel-processes.ts";

const launcher = resolve("bin/ropewalk.mjs");

/** What differs from what is shipped, as TOML of the table `[tunnel]`: `refresh = "600ms"`. */
export interface Variant {
  readonly column: string;
  readonly settings: readonly string[];
}

export interface RunningRopewalk extends RunningTunnel {
  /** The metrics of both ends. */
  metrics(): Promise<readonly [source: string, destination: string]>;
}

const asShipped: Variant = { column: ownColumn, settings: [] };

/** Where the destination listens. */
export function wirePort(firstPort: number): number {
  return firstPort + 90;
}

/** Both ends get the variant's settings. */
export function ropewalk({ ours }: Identities, variant: Variant = asShipped): TunnelEntrant<RunningRopewalk> {
  return {
    column: variant.column,
    notes: [
      "Ropewalk: mode hybrid, ML-DSA-65 both ways, AES-256-GCM, every setting as shipped unless a row says otherwise.",
    ],
    start: async (plan) => {
      const { ground, firstPort } = plan;
      const outer = portsFor(plan, 0);
      const wire = `${ground.address}:${wirePort(firstPort)}`;
      const web = { source: `127.0.0.1:${firstPort + 91}`, destination: `127.0.0.1:${firstPort + 92}` };
      const destination = await prepare(plan, "destination", [
        ...[...tunnelTable(ours.destination, variant), "[tunnel.http]", `listen = "${web.destination}"`],
        ...["[tunnel.destination]", `listen = ["${wire}"]`],
        ...serviceNames.flatMap((name) => [
          ...["[[tunnel.destination.service]]", `name = "${name}"`],
          ...[`port = ${services[name]}`, `target = "${ground.address}:${services[name]}"`, "max_connections = 4000"],
        ]),
      ]);
      const source = await prepare(plan, "source", [
        ...[...tunnelTable(ours.source, variant), "[tunnel.http]", `listen = "${web.source}"`],
        ...["[tunnel.source]", `destinations = ["${wire}"]`, 'server_names = ["localhost"]', 'listen = "127.0.0.1"'],
        ...serviceNames.flatMap((name) => [
          ...["[[tunnel.source.expose]]", `port = ${outer[name]}`, `service = "${name}"`, "max_connections = 4000"],
        ]),
      ]);
      const processes = new TunnelProcesses(outer);
      await processes.start(ground.destination, "ropewalk tunnel destination", destination);
      await processes.start(ground.source, "ropewalk tunnel source", source);
      const metrics = () =>
        Promise.all([pageOf(ground.source, web.source), pageOf(ground.destination, web.destination)]);
      return Object.assign(processes, { metrics });
    },
  };
}

function tunnelTable({ certificate, key, kemKey, authorities }: Made["source"], { settings }: Variant) {
  const files = { certificate, key, kem_key: kemKey, authorities };
  return [
    "[tunnel]",
    ...Object.entries(files).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
    ...settings,
  ];
}

/** Writes its configuration, and returns the words that start it. No configuration of this machine is read. */
async function prepare({ folder }: TunnelPlan, role: "source" | "destination", toml: readonly string[]) {
  const state = join(folder, role);
  const runtime = join(state, "run");
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  const file = join(state, "ropewalk.toml");
  await writeFile(file, `${toml.join("\n")}\n`);
  const environment = [`ROPEWALK_STATE_DIR=${state}`, `ROPEWALK_RUNTIME_DIR=${runtime}`, `ROPEWALK_CONFIG=${file}`];
  return ["env", ...environment, process.execPath, launcher, "tunnel", role, "--config", file];
}

const fetching = "fetch(process.argv[1]).then((r) => r.text()).then((t) => process.stdout.write(t))";

async function pageOf(host: LabHost, place: string): Promise<string> {
  return (await host.exec(process.execPath, ["-e", fetching, `http://${place}/metrics`])).stdout;
}
