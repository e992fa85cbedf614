/**
 * An exit, which is the namespace of this process, with two peers, each behind a tunnel of its own, and everything outside on one host: the internet,
 * a metadata service, management and private networks. Tunnels are veth pairs without address resolution, so that they carry IP and nothing
 * else, as WireGuard does. Outside knows the way back to the pools: what does not come through was not let through.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type IpAddress, ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import type { LabHost } from "@ropewalk/lab/lab-host";
import { Sandbox } from "@ropewalk/lab/sandbox";
import type { ExitTable } from "@ropewalk/vpn/node/pure/exit-table";

export const servedPort = 4_000;
export const exitAddresses = { ipv4: "203.0.113.2", ipv6: "2001:db8:1::2" } as const;
export const internet = { ipv4: "203.0.113.1", ipv6: "2001:db8:1::1" } as const;
/** By the reason for which no peer may reach them. All of them are there, and answer. */
export const closed = {
  metadata: ["169.254.169.254", "fd00:ec2::254", "100.100.100.200"],
  management: ["198.51.100.7", "2001:db8:9::7"],
  private: ["192.168.5.5", "10.1.2.3", "fd12::5", "64:ff9b::a9fe:a9fe"],
} as const;
/** Private, and opened. */
export const opened = ["192.168.77.7", "fd77::7"] as const;
export const own = { ipv4: "10.90.0.1", ipv6: "fd90::1" } as const;

export const wanted: ExitTable = {
  tunnels: ["peer1", "peer2"],
  pools: prefixes("10.90.0.0/24", "fd90::/64"),
  ownAddresses: [ipAddress(own.ipv4), ipAddress(own.ipv6)],
  services: [
    { protocol: "udp", port: 53 },
    { protocol: "tcp", port: 53 },
  ],
  managementPrefixes: prefixes("198.51.100.0/24", "2001:db8:9::/48"),
  openedPrefixes: prefixes("192.168.77.0/24", "fd77::/64"),
};

export interface Peer {
  readonly host: LabHost;
  readonly tunnel: string;
  readonly ipv4: IpAddress;
  readonly ipv6: IpAddress;
  /** A line to the program on it, and its answer. */
  readonly tell: (line: string) => Promise<string>;
}

export interface ExitNetwork extends AsyncDisposable {
  readonly peers: readonly [Peer, Peer];
  readonly outside: { readonly host: LabHost; readonly tell: (line: string) => Promise<string> };
}

export async function createExitNetwork(): Promise<ExitNetwork> {
  await using unwinding = new AsyncDisposableStack();
  const hostsFile = "127.0.0.1 localhost\n::1 localhost\n";
  const sandbox = unwinding.use(await Sandbox.open({ resolvConf: "", hostsFile }));
  for (const [path, value] of forwarding) writeFileSync(`/proc/sys/net/${path}`, value);
  const host = await sandbox.addHost("outside");
  connect(unwinding, host, "wan0");
  ip("-4 addr add 203.0.113.2/24 dev wan0", "-6 addr add 2001:db8:1::2/64 dev wan0 nodad");
  ip("-4 route add default via 203.0.113.1", "-6 route add default via 2001:db8:1::1");
  const elsewhere = [...Object.values(closed).flat(), ...opened];
  await inHost(host, [
    ...["-4 addr add 203.0.113.1/24 dev eth0", "-6 addr add 2001:db8:1::1/64 dev eth0 nodad"],
    ...elsewhere.map((address) => `${address.includes(":") ? "-6" : "-4"} addr add ${address} dev lo`),
    ...["-4 route add default via 203.0.113.2", "-6 route add default via 2001:db8:1::2"],
  ]);
  const peers = [await addPeer(unwinding, sandbox, 1), await addPeer(unwinding, sandbox, 2)] as const;
  const tell = startProgram(host);
  assert.equal(await tell(`serve ${servedPort}`), "serving");
  for (const { host: peer } of peers)
    for (const address of [...Object.values(internet), ...Object.values(own)]) await untilReached(peer, address);
  const owned = unwinding.move();
  return { peers, outside: { host, tell }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Whether an echo request is answered; `source` is an address that the host has, or is given for it. */
export async function isReached(host: LabHost, to: string, source?: string): Promise<boolean> {
  const from = source === undefined ? [] : ["-I", source];
  const { status } = await host.tryExec("ping", ["-n", "-c", "1", "-W", "0.25", ...from, to]);
  return status === 0;
}

/** Addresses and neighbours take a moment to be there. */
async function untilReached(host: LabHost, to: string): Promise<void> {
  const deadline = performance.now() + 40_000;
  while (!(await isReached(host, to)))
    assert.ok(performance.now() < deadline, `${to} is not reached from ${host.name}`);
}

const forwarding = [
  ["ipv4/ip_forward", "1"],
  ["ipv6/conf/all/forwarding", "1"],
  ["ipv4/conf/all/rp_filter", "0"],
  ["ipv4/conf/default/rp_filter", "0"],
] as const;

async function addPeer(unwinding: AsyncDisposableStack, sandbox: Sandbox, number: number): Promise<Peer> {
  const host = await sandbox.addHost(`peer${number}`);
  const tunnel = `peer${number}`;
  const [ipv4, ipv6] = [ipAddress(`10.90.0.${number + 1}`), ipAddress(`fd90::${number + 1}`)];
  connect(unwinding, host, tunnel);
  ip(
    ...[`link set ${tunnel} arp off address 02:00:00:00:00:0${number}`],
    ...[`-4 addr add ${own.ipv4}/32 dev ${tunnel}`, `-6 addr add ${own.ipv6}/128 dev ${tunnel} nodad`],
    ...[`-4 route add ${ipv4} dev ${tunnel}`, `-6 route add ${ipv6} dev ${tunnel}`],
  );
  await inHost(host, [
    `link set eth0 arp off address 02:00:00:00:00:0${number}`,
    ...[`-4 addr add ${ipv4}/32 dev eth0`, `-6 addr add ${ipv6}/128 dev eth0 nodad`],
    ...["-4 route add default dev eth0", "-6 route add default dev eth0"],
  ]);
  return { host, tunnel, ipv4, ipv6, tell: startProgram(host) };
}

/** A pair of which the host has the end called eth0. */
function connect(unwinding: AsyncDisposableStack, host: LabHost, name: string): void {
  unwinding.defer(() => ip(`link del ${name}`));
  ip(`link add ${name} type veth peer name eth0 netns ${host.pid}`, `link set ${name} up`);
  execFileSync("nsenter", ["--target", String(host.pid), "--net", "ip", "link", "set", "eth0", "up"]);
}

function ip(...commands: readonly string[]): void {
  for (const command of commands) execFileSync("ip", command.split(" "));
}

async function inHost(host: LabHost, commands: readonly string[]): Promise<void> {
  for (const command of commands) await host.exec("ip", command.split(" "));
}

function prefixes(...texts: readonly string[]) {
  return texts.map((text) => parsePrefix(text) ?? assert.fail(text));
}

/** Lines are answered in their order. */
function startProgram(host: LabHost): (line: string) => Promise<string> {
  const main = fileURLToPath(new URL("./peer-main.ts", import.meta.url));
  const program = host.spawn(process.execPath, [...process.execArgv, main]);
  const answers = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  program.stderr.pipe(process.stderr);
  return async (line) => {
    program.stdin.write(`${line}\n`);
    const { value } = await answers.next();
    return String(value);
  };
}
