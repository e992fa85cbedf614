/**
 * Gives the network namespace of this test two uplinks to one server in another namespace: real links for real sockets.
 * The kernel takes everything back when the test's process ends.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import type { PathEchoSocket } from "@ropewalk/host/ports";
import { type Family, families, type IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { binding, server, silent, type TestUplink, uplinks } from "../ports/two-uplinks.ts";

export const serverPort = 7000;

/** Every path of this network. */
export const paths: readonly PathBinding[] = uplinks.flatMap((uplink) =>
  families.map((family) => binding(uplink, family)),
);

/** The namespace is the test's own, and so is its sysctl. */
export function allowEchoBy(method: PathEchoSocket["method"] | "nothing"): void {
  writeFileSync("/proc/sys/net/ipv4/ping_group_range", method === "ping-socket" ? "0 0" : "1 0");
}

/** Links made from then on can use their IPv6 addresses at once, and ICMP tells of every closed port. */
const promptly = `cd /proc/sys/net
  for setting in ipv6/conf/all/accept_dad ipv6/conf/default/accept_dad ipv4/icmp_ratelimit ipv6/icmp/ratelimit
  do echo 0 > $setting; done`;

export interface TwoUplinkNetwork extends AsyncDisposable {
  /** What the server saw since the last call: interface, source and protocol, as `s1 10.1.1.2 udp`; of TCP, what opens a connection. Sorted, each once. */
  takeArrivals(): readonly string[];
  /** What sockets of this namespace sent: interface, source, mark and protocol, as `w1 10.1.1.2 0x00000100 udp`. Likewise. */
  takeDepartures(): readonly string[];
  /** Runs lines of iproute2 in this process's namespace. */
  ip(...lines: readonly string[]): void;
  ipOnServer(...lines: readonly string[]): void;
}

/** Builds the network before the tests of the file and takes it down after them. Only for files in their own namespace. */
export function useTwoUplinks(): () => TwoUplinkNetwork {
  let network: TwoUplinkNetwork | undefined;
  before(async () => {
    network = await createTwoUplinkNetwork();
  });
  after(() => network?.[Symbol.asyncDispose]());
  return () => {
    assert.ok(network, "the network stands while tests run");
    return network;
  };
}

async function createTwoUplinkNetwork(): Promise<TwoUplinkNetwork> {
  const links = readdirSync("/sys/class/net");
  assert.deepEqual(links, ["lo"], "this namespace is the test's own: it has no links of anybody else");
  await using unwinding = new AsyncDisposableStack();
  const holder = unwinding.adopt(await startIn(["unshare", "-n", "sh", "-c", "echo ready; exec cat"]), end);
  const inServer = ["nsenter", "-t", String(holder.pid), "-n"];
  for (const prefix of [[], inServer]) run([...prefix, "sh", "-c", promptly]);
  ip([], [...uplinks.flatMap((uplink) => linkLines(uplink, holder.pid)), ...uplinks.flatMap(clientLines)]);
  // A reply that comes in by the second uplink is not spoofed, although the best route back is the first.
  for (const link of ["all", "w1", "w2"]) writeFileSync(`/proc/sys/net/ipv4/conf/${link}/rp_filter`, "0");
  ip(inServer, [
    "link set lo up",
    ...uplinks.flatMap(serverLines),
    ...addressLines("lo", [...all(server), ...all(silent)]),
  ]);
  run([...inServer, "nft", "-f", "-"], serverRules());
  run(["nft", "-f", "-"], clientRules());
  const program = join(import.meta.dirname, "path-server.ts");
  const node = [process.execPath, ...process.execArgv.filter((argument) => !argument.startsWith("--test"))];
  unwinding.adopt(await startIn([...inServer, ...node, program, String(serverPort), ...all(server)]), end);
  const owned = unwinding.move();
  return {
    takeArrivals: () => take(inServer),
    takeDepartures: () => take([]),
    ip: (...lines) => ip([], lines),
    ipOnServer: (...lines) => ip(inServer, lines),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const all = (addresses: Readonly<Record<Family, IpAddress>>) => [addresses.ipv4, addresses.ipv6];

function linkLines({ name, ifindex, slot }: TestUplink, serverPid: number | undefined): readonly string[] {
  return [`link add ${name} index ${ifindex} type veth peer name s${slot}`, `link set s${slot} netns ${serverPid}`];
}

function clientLines({ name, slot, addresses, gateways }: TestUplink): readonly string[] {
  return [
    "link set lo up",
    `link set ${name} up`,
    ...addressLines(name, all(addresses)),
    ...all(gateways).map((gateway) => `route add default via ${gateway} dev ${name} metric ${slot * 100}`),
  ];
}

function serverLines({ slot, gateways }: TestUplink): readonly string[] {
  return [`link set s${slot} up`, ...addressLines(`s${slot}`, all(gateways))];
}

function addressLines(link: string, addresses: readonly IpAddress[]): readonly string[] {
  const isLoopback = link === "lo";
  return addresses.map((address) =>
    address.includes(":")
      ? `addr add ${address}/${isLoopback ? 128 : 64} dev ${link} nodad`
      : `addr add ${address}/${isLoopback ? 32 : 24} dev ${link}`,
  );
}

/**
 * Of TCP only what opens a connection is counted where it arrives. Once a socket is gone the kernel answers stragglers by
 * itself, bound to no device: with resets, and over IPv6 with the acknowledgements of TIME-WAIT (tcp_v6_send_response looks
 * the route up with the interface as a mere preference). Those follow the routing table, whatever the socket was bound to.
 */
const counted = {
  ipv4: ["ip protocol udp", "ip protocol tcp tcp flags & syn == syn", "icmp type echo-request"],
  ipv6: ["ip6 nexthdr udp", "ip6 nexthdr tcp tcp flags & syn == syn", "icmpv6 type echo-request"],
};

function serverRules(): string {
  return `table inet seen {
    set ipv4 { type ifname . ipv4_addr . inet_proto; flags dynamic; }
    set ipv6 { type ifname . ipv6_addr . inet_proto; flags dynamic; }
    chain input {
      type filter hook prerouting priority -300;
      ${counted.ipv4.map((what) => `${what} add @ipv4 { iifname . ip saddr . meta l4proto }`).join("\n")}
      ${counted.ipv6.map((what) => `${what} add @ipv6 { iifname . ip6 saddr . meta l4proto }`).join("\n")}
      ip daddr ${silent.ipv4} drop
      ip6 daddr ${silent.ipv6} drop
    }
  }`;
}

/** Every packet of a socket that a process holds: only those have an owner. */
function clientRules(): string {
  return `table inet seen {
    set ipv4 { type ifname . ipv4_addr . mark . inet_proto; flags dynamic; }
    set ipv6 { type ifname . ipv6_addr . mark . inet_proto; flags dynamic; }
    chain output {
      type filter hook postrouting priority 300;
      oifname "w*" meta skuid 0 add @ipv4 { oifname . ip saddr . meta mark . meta l4proto }
      oifname "w*" meta skuid 0 add @ipv6 { oifname . ip6 saddr . meta mark . meta l4proto }
    }
  }`;
}

/** The elements of both sets, as `s1 10.1.1.2 udp`, which are then empty. */
function take(prefix: readonly string[]): readonly string[] {
  const text = families.map((set) => run([...prefix, "nft", "list", "set", "inet", "seen", set])).join("\n");
  for (const set of families) run([...prefix, "nft", "flush", "set", "inet", "seen", set]);
  return Array.from(text.matchAll(/"(\w+)"((?: \. [^\s,]+)+)/g), ([, link, rest]) =>
    `${link}${rest}`.replaceAll(" . ", " "),
  ).toSorted();
}

function ip(prefix: readonly string[], lines: readonly string[]): void {
  run([...prefix, "ip", "-batch", "-"], `${lines.join("\n")}\n`);
}

function run([program = "", ...rest]: readonly string[], input = ""): string {
  return execFileSync(program, rest, { input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"], timeout: 10_000 });
}

/** Starts a program that says when it is ready and ends with its standard input. */
async function startIn([program = "", ...rest]: readonly string[]): Promise<ChildProcess> {
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
