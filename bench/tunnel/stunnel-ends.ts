/** stunnel at both ends: TLS 1.3 with AES-256-GCM, both showing certificates, a connection of its own for each stream. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Made } from "../handshake/identities.ts";
import { findProgram } from "../peers/program.ts";
import type { Identities, TunnelEntrant } from "./entrant.ts";
import { serviceNames, services } from "./ground.ts";
import { portsFor, TunnelProcesses } from "./tunnel-processes.ts";

const common = [
  ...["foreground = yes", "debug = err", "pid =", "verifyChain = yes", "sslVersion = TLSv1.3"],
  ...["ciphersuites = TLS_AES_256_GCM_SHA384", "socket = l:TCP_NODELAY=1", "socket = r:TCP_NODELAY=1"],
];

export function stunnel({ classic }: Identities): TunnelEntrant {
  return {
    column: "stunnel",
    notes: ["stunnel: TLS 1.3, TLS_AES_256_GCM_SHA384, both ends show certificates (P-256), TCP_NODELAY."],
    start: async (plan) => {
      const program = findProgram("stunnel", "usr/bin/stunnel4");
      if (program.kind === "lacking") throw new Error(program.why);
      const { ground, folder } = plan;
      const [outer, inner] = [portsFor(plan, 0), portsFor(plan, 1)];
      const configure = async (end: string, own: Made["source"], lines: readonly string[]) => {
        const file = join(folder, `stunnel-${end}.conf`);
        const files = [`CAfile = ${own.authorities[0]}`, `cert = ${own.certificate}`, `key = ${own.key}`];
        await writeFile(file, `${[...common, ...files, ...lines].join("\n")}\n`);
        return [...program.words, file];
      };
      const far = serviceNames.flatMap((name) => [
        ...[`[${name}]`, `accept = ${ground.address}:${inner[name]}`, `connect = ${ground.address}:${services[name]}`],
      ]);
      const near = serviceNames.flatMap((name) => [
        ...[`[${name}]`, "client = yes", `accept = 127.0.0.1:${outer[name]}`],
        `connect = ${ground.address}:${inner[name]}`,
      ]);
      const processes = new TunnelProcesses(outer);
      await processes.start(ground.destination, "stunnel", await configure("destination", classic.destination, far));
      await processes.start(ground.source, "stunnel", await configure("source", classic.source, near));
      return processes;
    },
  };
}
