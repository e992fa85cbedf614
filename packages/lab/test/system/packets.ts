/** Packets as tests see them: echo requests out of one uplink, counted and timed by ping(8) itself. */
import assert from "node:assert/strict";
import type { LabHost } from "@ropewalk/lab/lab-host";

export interface Pings {
  readonly sent: number;
  readonly received: number;
  /** Round trips in milliseconds, in order of arrival. */
  readonly roundTrips: readonly number[];
  readonly output: string;
}

export interface PingOptions {
  /** An interface or a source address; the routing table decides when left out. */
  readonly from?: string;
  readonly count?: number;
  readonly intervalMs?: number;
  readonly size?: number;
}

export const targetAddresses = { ipv4: "203.0.113.10", ipv6: "2001:db8:80:1::10" } as const;

/** Asks for echoes; fails when ping is not installed, says nothing about how many must come back. */
export async function ping(host: LabHost, to: string, options: PingOptions = {}): Promise<Pings> {
  const { from, count = 3, intervalMs = 10, size = 56 } = options;
  const source = from === undefined ? [] : ["-I", from];
  const limits = ["-n", "-W", "1", "-c", String(count), "-i", String(intervalMs / 1000), "-s", String(size)];
  const { status, stdout, stderr } = await host.tryExec("ping", [...limits, ...source, to]);
  assert.notEqual(status, 127, "these tests need ping (Debian: apt-get install iputils-ping)");
  const counts = /(\d+) packets transmitted, (\d+) received/.exec(stdout);
  assert.ok(counts, `ping said: ${stdout}${stderr}`);
  const roundTrips = [...stdout.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1]));
  return { sent: Number(counts[1]), received: Number(counts[2]), roundTrips, output: stdout };
}

export async function assertReachable(host: LabHost, to: string, from?: string): Promise<void> {
  const { received, sent, output } = await ping(host, to, from === undefined ? {} : { from });
  assert.equal(received, sent, `${to} from ${from ?? host.name}: ${output}`);
}

export async function assertUnreachable(host: LabHost, to: string, from: string): Promise<void> {
  const { received, output } = await ping(host, to, { from });
  assert.equal(received, 0, `${to} from ${from}: ${output}`);
}

/** How many echo requests of both families the host has ever been asked. */
export async function echoRequests(host: LabHost): Promise<number> {
  const { stdout } = await host.exec("cat", ["/proc/net/snmp", "/proc/net/snmp6"]);
  const [names, values] = stdout.split("\n").filter((line) => line.startsWith("Icmp:"));
  const ipv4 = values?.split(" ")[names?.split(" ").indexOf("InEchos") ?? -1];
  const ipv6 = /^Icmp6InEchos\s+(\d+)$/m.exec(stdout)?.[1];
  assert.ok(ipv4 !== undefined && ipv6 !== undefined, stdout);
  return Number(ipv4) + Number(ipv6);
}
