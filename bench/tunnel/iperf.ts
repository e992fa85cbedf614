/** One run of iperf3 through a tunnel, with a server of its own, which ends with it: none can still be busy with another. */
import { seconds } from "@ropewalk/kernel/units";
import { PeerProcesses } from "../peers/peer-process.ts";
import { findProgram } from "../peers/program.ts";
import type { RunningTunnel } from "./entrant.ts";
import { type Ground, services } from "./ground.ts";
import { type Carried, parseIperf, parseSteadyRate } from "./iperf-report.ts";
import { listening } from "./listening.ts";
import { processorTime } from "./process-tree.ts";

export interface IperfPlan {
  readonly seconds: number;
  /** Of the client, besides where it connects and for how long: "-P", "8". */
  readonly options: readonly string[];
  /** Seconds after which the receiver's rate is taken for `steadyBitsPerSecond`. */
  readonly steadyFrom?: number;
}

export interface CarriedAt extends Carried {
  /** Of the tunnel's own processes, at both ends; NaN where there are none. */
  readonly processorSecondsPerGiB: number;
  /** NaN where nobody asked. */
  readonly steadyBitsPerSecond: number;
}

/** iperf3 tells its connections apart by their order, which a tunnel need not keep: with --bidir both ends may then wait. */
const attempts = 3;

export async function runIperf(ground: Ground, tunnel: RunningTunnel, plan: IperfPlan): Promise<CarriedAt> {
  for (let attempt = 1; ; attempt += 1) {
    const carried = await runOnce(ground, tunnel, plan);
    if (carried.octets > 0 || attempt === attempts) return carried;
  }
}

async function runOnce(ground: Ground, tunnel: RunningTunnel, plan: IperfPlan): Promise<CarriedAt> {
  const words = iperfWords();
  await using server = new PeerProcesses();
  // The server's own report, where it is asked for, comes in the client's.
  const report = plan.steadyFrom === undefined ? [] : ["--get-server-output"];
  const place = ["-B", ground.address, "-p", `${services.iperf}`];
  server.start(ground.destination, "iperf3 -s", [...words, "-s", "-1", "--json", ...place]);
  await listening(ground.destination, services.iperf, "iperf3 -s");
  const { to, port } = tunnel.way("iperf");
  const [command = "", ...rest] = words;
  const asked = ["-c", to, "-p", `${port}`, "-t", `${plan.seconds}`, "--json", ...report, ...plan.options];
  const before = processorTime(tunnel.pids);
  const deadline = seconds(plan.seconds + 30);
  const { stdout, stderr } = await ground.source.tryExec(command, [...rest, ...asked], { deadline });
  const spent = processorTime(tunnel.pids) - before;
  if (stdout === "") throw new Error(`iperf3 said nothing: ${stderr} ${tunnel.failure() ?? ""}`);
  const carried = parseIperf(stdout);
  const gibibytes = carried.octets / 2 ** 30;
  const receiver = plan.options.includes("-R") ? "client" : "server";
  return {
    ...carried,
    processorSecondsPerGiB: tunnel.pids.length === 0 ? Number.NaN : spent / gibibytes,
    steadyBitsPerSecond:
      plan.steadyFrom === undefined ? Number.NaN : parseSteadyRate(stdout, receiver, plan.steadyFrom),
  };
}

/** Fetches it when it is not there; throws when it cannot. */
function iperfWords(): readonly string[] {
  const program = findProgram("iperf3", "usr/bin/iperf3");
  if (program.kind === "lacking") throw new Error(program.why);
  return program.words;
}
