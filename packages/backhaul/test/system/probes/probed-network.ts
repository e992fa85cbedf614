/**
 * The network of the probes' system tests: this namespace with one link, a far end in another with all the servers, and one
 * more beyond a narrow link. The kernel takes everything back when the test's process ends.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { ProbePath } from "@ropewalk/backhaul/pure/health/probe";
import { type Family, families, ipAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";
import { makeCertificates } from "./certificates.ts";
import { farEnd } from "./far-address.ts";

export interface Octets {
  readonly sent: number;
  readonly received: number;
}

export interface ProbedNetwork extends AsyncDisposable {
  /** PEM of the authority that the far end's certificates are of. */
  readonly authority: string;
  /**
   * What crosses the far end of the link while `act` runs, and until nothing more does: IP packets of TCP, UDP and echo, as a
   * wire would carry them.
   */
  octetsOf(act: () => Promise<unknown>): Promise<Octets>;
  /** Runs lines of iproute2 in this process's namespace. */
  ip(...lines: readonly string[]): void;
}

export const paths: Readonly<Record<Family, ProbePath>> = {
  ipv4: path("ipv4", "10.1.1.2", "10.1.1.1"),
  ipv6: path("ipv6", "2001:db8:1::2", "2001:db8:1::1"),
};

function path(family: Family, source: string, gateway: string): ProbePath {
  const binding = { uplinkId: "w1" as UplinkId, name: "w1", ifindex: 11, mark: 0x100, mtu: bytes(1_500) };
  return { ...binding, family, source: ipAddress(source), gateway: ipAddress(gateway) };
}

/** Builds the network before the tests of the file and takes it down after them. Only for files in their own namespace. */
export function useProbedNetwork(): () => ProbedNetwork {
  let network: ProbedNetwork | undefined;
  before(async () => {
    network = await createProbedNetwork();
  });
  after(() => network?.[Symbol.asyncDispose]());
  return () => {
    assert.ok(network, "the network stands while tests run");
    return network;
  };
}

async function createProbedNetwork(): Promise<ProbedNetwork> {
  await using unwinding = new AsyncDisposableStack();
  const hold = async () => unwinding.adopt(await start(["unshare", "-n", "sh", "-c", "echo ready; exec cat"]), end);
  const [far, beyond] = [await hold(), await hold()];
  const [inFar, inBeyond] = [far, beyond].map(({ pid }) => ["nsenter", "-t", String(pid), "-n"]) as [
    string[],
    string[],
  ];
  for (const prefix of [[], inFar, inBeyond]) run([...prefix, "sh", "-c", settings]);
  ip([], nearLines(far.pid));
  ip(inFar, farLines(beyond.pid));
  ip(inBeyond, beyondLines);
  run([...inFar, "nft", "-f", "-"], farRules);
  const folder = unwinding.adopt(mkdtempSync(join(tmpdir(), "ropewalk-probes-")), (made) => {
    rmSync(made, { recursive: true, force: true });
  });
  const authority = makeCertificates(folder);
  const node = [process.execPath, ...process.execArgv.filter((argument) => !argument.startsWith("--test"))];
  const program = join(import.meta.dirname, "far-end-main.ts");
  unwinding.adopt(await start([...inFar, ...node, program, folder]), end);
  const owned = unwinding.move();
  return {
    authority,
    octetsOf: (act) => octetsOf(inFar, act),
    ip: (...lines) => ip([], lines),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Addresses can be used at once, routers forward, and ICMP tells of every closed port. */
const settings = `cd /proc/sys/net
  for setting in ipv6/conf/all/accept_dad ipv6/conf/default/accept_dad ipv4/icmp_ratelimit ipv6/icmp/ratelimit
  do echo 0 > $setting; done
  echo 1 > ipv4/ip_forward; echo 1 > ipv6/conf/all/forwarding; ip link set lo up`;

/** gso_max_segs: what the kernel would cut only in the hardware is cut before it is counted. */
function nearLines(farPid: number | undefined): readonly string[] {
  return [
    "link add w1 index 11 type veth peer name s1",
    `link set s1 netns ${farPid}`,
    "link set w1 up gso_max_segs 1",
    "addr add 10.1.1.2/24 dev w1",
    "addr add 2001:db8:1::2/64 dev w1 nodad",
    "route add default via 10.1.1.1 dev w1",
    "route add default via 2001:db8:1::1 dev w1",
  ];
}

function farLines(beyondPid: number | undefined): readonly string[] {
  const hosts = Object.entries(farEnd).filter(([name]) => name !== "beyond" && name !== "unreachable");
  return [
    "link set s1 up gso_max_segs 1",
    "addr add 10.1.1.1/24 dev s1",
    "addr add 2001:db8:1::1/64 dev s1 nodad",
    ...hosts.flatMap(([, { ipv4, ipv6 }]) => [`addr add ${ipv4}/32 dev lo`, `addr add ${ipv6}/128 dev lo`]),
    "link add n1 mtu 1400 type veth peer name n2",
    `link set n2 netns ${beyondPid}`,
    "link set n1 up",
    "addr add 10.1.2.1/24 dev n1",
    "addr add 2001:db8:2::1/64 dev n1 nodad",
    `route add unreachable ${farEnd.unreachable.ipv4}`,
    `route add unreachable ${farEnd.unreachable.ipv6}`,
    `route add ${farEnd.beyond.ipv4} via 10.1.2.2`,
    `route add ${farEnd.beyond.ipv6} via 2001:db8:2::2`,
  ];
}

const beyondLines: readonly string[] = [
  "link set n2 mtu 1400 up",
  "addr add 10.1.2.2/24 dev n2",
  "addr add 2001:db8:2::2/64 dev n2 nodad",
  `addr add ${farEnd.beyond.ipv4}/32 dev lo`,
  `addr add ${farEnd.beyond.ipv6}/128 dev lo`,
  "route add default via 10.1.2.1",
  "route add default via 2001:db8:2::1",
];

/** The length of IPv6 is that of what follows its header. */
const farRules = `table inet far {
  counter in {}
  counter out {}
  chain arriving { type filter hook prerouting priority -300;
    iifname s1 meta l4proto { tcp, udp } counter name in
    iifname s1 icmp type { echo-request, echo-reply } counter name in
    iifname s1 icmpv6 type { echo-request, echo-reply } counter name in
    ip daddr { ${farEnd.silent.ipv4}, ${farEnd.deaf.ipv4} } drop
    ip6 daddr { ${farEnd.silent.ipv6}, ${farEnd.deaf.ipv6} } drop
    ip daddr ${farEnd.narrow.ipv4} ip length > 1200 drop
    ip6 daddr ${farEnd.narrow.ipv6} ip6 length > ${1300 - 40} drop
  }
  chain leaving { type filter hook postrouting priority 300;
    oifname s1 meta l4proto { tcp, udp } counter name out
    oifname s1 icmp type { echo-request, echo-reply } counter name out
    oifname s1 icmpv6 type { echo-request, echo-reply } counter name out
  }
}`;

async function octetsOf(inFar: readonly string[], act: () => Promise<unknown>): Promise<Octets> {
  const before = readOctets(inFar);
  await act();
  let after = readOctets(inFar);
  for (let last = before; last.sent !== after.sent || last.received !== after.received; ) {
    last = after;
    await pause(40);
    after = readOctets(inFar);
  }
  return { sent: after.sent - before.sent, received: after.received - before.received };
}

function readOctets(inFar: readonly string[]): Octets {
  const told = run([...inFar, "nft", "-j", "list", "counters"]);
  const counters = (JSON.parse(told) as { nftables: { counter?: { name: string; bytes: number } }[] }).nftables;
  const count = (name: string) => counters.find(({ counter }) => counter?.name === name)?.counter?.bytes ?? 0;
  return { sent: count("in"), received: count("out") };
}

function ip(prefix: readonly string[], lines: readonly string[]): void {
  run([...prefix, "ip", "-batch", "-"], `${lines.join("\n")}\n`);
}

function run([program = "", ...rest]: readonly string[], input = ""): string {
  return execFileSync(program, rest, { input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"], timeout: 10_000 });
}

/** Starts a program that says when it is ready and ends with its standard input. */
async function start([program = "", ...rest]: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
  assert.ok(child.stdout);
  await once(child.stdout, "data", { signal: AbortSignal.timeout(30_000) });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit", { signal: AbortSignal.timeout(30_000) });
  child.stdin?.end();
  await exited;
}

/** The namespace is the test's own, and so is its sysctl. */
export function allowPingSockets(isAllowed: boolean): void {
  writeFileSync("/proc/sys/net/ipv4/ping_group_range", isAllowed ? "0 0" : "1 0");
}

export const eachPath: readonly ProbePath[] = families.map((family) => paths[family]);
