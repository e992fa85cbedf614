/** Whether a port of a host is listened at, asked of its kernel: a connection to find out would be somebody's first one. */
import { setTimeout as delay } from "node:timers/promises";
import type { LabHost } from "@ropewalk/lab/lab-host";

const attempts = 200;
const restMs = 25;

/** Resolves once it is. Throws with the name of who should, when it is not in time. IPv4 alone. */
export async function listening(host: LabHost, port: number, name: string): Promise<void> {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  // "sl local_address rem_address st": state 0A is LISTEN (proc(5)).
  const line = new RegExp(`^\\s*\\d+: [0-9A-F]{8}:${wanted} \\S+ 0A `, "m");
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { stdout } = await host.exec("cat", ["/proc/net/tcp"]);
    if (line.test(stdout)) return;
    await delay(restMs);
  }
  throw new Error(`${name} does not listen at port ${port}`);
}
