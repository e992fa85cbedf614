/**
 * Puts this test process into a fresh network namespace that has two uplinks to one server in another: real links for
 * real sockets. Needs root; the kernel takes everything back when the process ends.
 */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { dlopen } from "node:ffi";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import { server, silent, type TestUplink, uplinks } from "../ports/two-uplinks.ts";

/** linux/sched.h */
const cloneNewNet = 0x40000000;
export const serverPort = 7000;

export interface TwoUplinkNetwork extends AsyncDisposable {
  /** What the server saw since the last call: interface, source and protocol, as `s1 10.1.1.2 udp`. Sorted, each once. */
  takeArrivals(): readonly string[];
  /** What left this namespace since the last call: interface, mark and protocol, as `w1 0x00000100 udp`. Sorted, each once. */
  takeDepartures(): readonly string[];
  /** Runs lines of iproute2 in this process's namespace. */
  ip(...lines: readonly string[]): void;
  ipOnServer(...lines: readonly string[]): void;
}

/** Moves the main thread, which makes every socket and child of this process. */
export async function enterTwoUplinkNetwork(): Promise<TwoUplinkNetwork> {
  assert.equal(process.geteuid?.(), 0, "this test makes network namespaces: run it as root");
  const { functions } = dlopen(null, { unshare: { arguments: ["i32"], return: "i32" } });
  assert.equal(functions.unshare(cloneNewNet), 0, "the kernel gives a network namespace");
  await using unwinding = new AsyncDisposableStack();
  const holder = unwinding.adopt(await startIn(["unshare", "-n", "sh", "-c", "echo ready; exec cat"]), end);
  const inServer = ["nsenter", "-t", String(holder.pid), "-n"];
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
    takeArrivals: () => take(inServer, "arrivals", "arrivals6"),
    takeDepartures: () => take([], "departures"),
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

/** Without duplicate address detection, IPv6 addresses can be used at once. */
function addressLines(link: string, addresses: readonly IpAddress[]): readonly string[] {
  const isLoopback = link === "lo";
  return addresses.map((address) =>
    address.includes(":")
      ? `addr add ${address}/${isLoopback ? 128 : 64} dev ${link} nodad`
      : `addr add ${address}/${isLoopback ? 32 : 24} dev ${link}`,
  );
}

/** Echo requests alone of ICMP: the kernel's own neighbour discovery leaves by every link. */
const counted = {
  ipv4: ["ip protocol { udp, tcp }", "icmp type echo-request"],
  ipv6: ["ip6 nexthdr { udp, tcp }", "icmpv6 type echo-request"],
};

function serverRules(): string {
  return `table inet seen {
    set arrivals { type ifname . ipv4_addr . inet_proto; flags dynamic; }
    set arrivals6 { type ifname . ipv6_addr . inet_proto; flags dynamic; }
    chain input {
      type filter hook prerouting priority -300;
      ${counted.ipv4.map((what) => `${what} add @arrivals { iifname . ip saddr . meta l4proto }`).join("\n")}
      ${counted.ipv6.map((what) => `${what} add @arrivals6 { iifname . ip6 saddr . meta l4proto }`).join("\n")}
      ip daddr ${silent.ipv4} drop
      ip6 daddr ${silent.ipv6} drop
    }
  }`;
}

function clientRules(): string {
  return `table inet seen {
    set departures { type ifname . mark . inet_proto; flags dynamic; }
    chain output {
      type filter hook postrouting priority 300;
      ${[...counted.ipv4, ...counted.ipv6].map((what) => `oifname "w*" ${what} add @departures { oifname . meta mark . meta l4proto }`).join("\n")}
    }
  }`;
}

/** The elements of the sets, as `s1 10.1.1.2 udp`, which are then empty. */
function take(prefix: readonly string[], ...sets: readonly string[]): readonly string[] {
  const text = sets.map((set) => run([...prefix, "nft", "list", "set", "inet", "seen", set])).join("\n");
  for (const set of sets) run([...prefix, "nft", "flush", "set", "inet", "seen", set]);
  return Array.from(text.matchAll(/"(\w+)" \. (\S+) \. ([\w-]+)/g), (match) => match.slice(1).join(" ")).toSorted();
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
  await once(child.stdout, "data", { signal: AbortSignal.timeout(10_000) });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit", { signal: AbortSignal.timeout(10_000) });
  child.stdin?.end();
  await exited;
}
