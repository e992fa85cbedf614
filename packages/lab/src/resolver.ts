/** The name server of a resolver host: dnsmasq, which knows the lab's own names and forwards nothing. */
import { createInterface } from "node:readline";
import { withDeadline } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";

const limit = seconds(10);

/** In the foreground dnsmasq keeps its user, which a user namespace cannot change, and tells when it has started. */
const resolverArguments: readonly string[] = [
  "--no-daemon",
  "--conf-file=/dev/null",
  "--no-resolv",
  "--no-hosts",
  "--addn-hosts=/run/lab/hosts",
  "--pid-file",
];

/** Throws LAB_START_FAILED with what dnsmasq said. */
export async function startResolver(host: LabHost): Promise<void> {
  const server = host.spawn("dnsmasq", resolverArguments);
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
  if (await withDeadline(createSystemClock(), "start dnsmasq", limit, started, late)) return;
  throw new LabError("LAB_START_FAILED", `dnsmasq in ${host.name} ended: ${said.trim()}`);
}
