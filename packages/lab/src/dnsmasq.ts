/** Starts dnsmasq in a host: as a resolver of the lab's internet, as one that lies, or as a server of leases. */
import { createInterface } from "node:readline";
import { withDeadline } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";

const limit = seconds(10);

/** In the foreground dnsmasq keeps its user, which a user namespace cannot change, and tells when it has started. */
const always: readonly string[] = ["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file"];

/** Knows the lab's own names and forwards nothing. */
export const resolverArguments: readonly string[] = ["--addn-hosts=/run/lab/hosts"];

/** Throws LAB_START_FAILED with what dnsmasq said. */
export async function startDnsmasq(host: LabHost, args: readonly string[]): Promise<LabProcess> {
  const server = host.spawn("dnsmasq", [...always, ...args]);
  let said = "";
  const started = new Promise<boolean>((resolve) => {
    createInterface({ input: server.stderr }).on("line", (line) => {
      said = `${said}\n${line}`.slice(-4096);
      if (/ started, /.test(line)) resolve(true);
    });
    void server.exited.then(() => resolve(false));
  });
  server.stdout.resume();
  const late = () => new LabError("LAB_TIMEOUT", `dnsmasq in ${host.name} did not start within ${limit} ms`);
  if (await withDeadline(createSystemClock(), "start dnsmasq", limit, started, late)) return server;
  throw new LabError("LAB_START_FAILED", `dnsmasq in ${host.name} ended: ${said.trim()}`);
}
