/** spiped at both ends: one secret that both know, a pair of processes for each service, a connection of its own for each stream. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "../peers/program.ts";
import type { TunnelEntrant } from "./entrant.ts";
import { serviceNames, services } from "./ground.ts";
import { portsFor, TunnelProcesses } from "./tunnel-processes.ts";

/** Its own 100 would turn the rest away. */
const most = 20_000;

export const spiped: TunnelEntrant = {
  column: "spiped",
  notes: [`spiped: AES-256-CTR and HMAC-SHA256 by one shared secret; -n ${most}, otherwise as it comes.`],
  start: async (plan) => {
    const program = findProgram("spiped", "usr/bin/spiped");
    if (program.kind === "lacking") throw new Error(program.why);
    const { ground, folder } = plan;
    const [outer, inner] = [portsFor(plan, 0), portsFor(plan, 1)];
    const key = join(folder, "spiped.key");
    await writeFile(key, randomBytes(32), { mode: 0o600 });
    const words = (way: "-d" | "-e", from: string, to: string) => {
      // It writes where it runs unless it is told not to.
      const rest = ["-F", "-n", `${most}`, "-k", key, "-p", join(folder, `${from}.pid`)];
      return [...program.words, way, "-s", from, "-t", to, ...rest];
    };
    const processes = new TunnelProcesses(outer);
    for (const name of serviceNames) {
      const middle = `[${ground.address}]:${inner[name]}`;
      const far = words("-d", middle, `[${ground.address}]:${services[name]}`);
      await processes.start(ground.destination, "spiped", far);
      await processes.start(ground.source, "spiped", words("-e", `[127.0.0.1]:${outer[name]}`, middle));
    }
    return processes;
  },
};
