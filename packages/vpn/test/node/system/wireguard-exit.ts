/**
 * A real exit, which is the namespace of this process: wireguard-go, a way out, and customers behind tunnels of their own. What runs an exit is a
 * program of its own, which may be stopped, killed and started again.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createMachineClock } from "@ropewalk/host/linux/machine-clock";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { endWireGuardGo, startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import type { WireGuardDevice } from "@ropewalk/host/wireguard/device";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

export const clock = createMachineClock();
export const tunnel = "wg0";
export const internet = "203.0.113.1";
export const internet6 = "2001:db8:1::1";
const exitPort = 51_820;
const longestMs = 40_000;

export interface Customer {
  readonly publicKey: WireGuardPublicKey;
  /** Inside the tunnel. */
  readonly address: string;
  readonly address6: string;
  /** One echo, within a third of a second; from the internet by IPv4 unless `to` says another. */
  reaches(to?: string): Promise<boolean>;
  untilReaches(isReached: boolean): Promise<void>;
  /** Forgets the exit as he knew it, and greets it anew, until he reaches what is behind it. */
  begin(presharedKey?: SecretBytes): Promise<void>;
  /** A program in his network. */
  start(...words: readonly string[]): ChildProcess;
}

export interface WireGuardExit extends AsyncDisposable {
  readonly device: WireGuardDevice;
  readonly customers: readonly [Customer, Customer];
  readonly folder: string;
}

export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + longestMs; !(await isTrue()); await pause(10))
    if (Date.now() > end) throw new Error(`${what} did not come within ${longestMs} ms`);
}

/** The sockets of this test are its own, and so is what else it would leave in /run. */
export function ownSockets(): void {
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", "/run"]);
}

export async function openWireGuardExit(): Promise<WireGuardExit> {
  await using unwinding = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-exit-"));
  unwinding.defer(() => rmSync(folder, { recursive: true, force: true }));
  const device = await startDevice(unwinding);
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  writeFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "1");
  const outside = await addNetwork(unwinding);
  connect(unwinding, outside, "wan0", "203.0.113.2/24", `${internet}/24`);
  run("ip", "address", "add", "2001:db8:1::2/64", "dev", "wan0", "nodad");
  run("nsenter", ...outside, "ip", "address", "add", `${internet6}/64`, "dev", "out0", "nodad");
  const customers = [await addCustomer(unwinding, device, 1), await addCustomer(unwinding, device, 2)] as const;
  const owned = unwinding.move();
  return { device, customers, folder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function startDevice(unwinding: AsyncDisposableStack): Promise<WireGuardDevice> {
  await startWireGuardGo(tunnel, { clock });
  unwinding.defer(() => endWireGuardGo(tunnel, { clock }));
  const device = createUapiDevice(tunnel, { clock });
  await device.configure({ privateKey: new SecretBytes(new Uint8Array(randomBytes(32))), listenPort: exitPort });
  run("ip", "address", "add", "10.90.0.1/16", "dev", tunnel);
  run("ip", "address", "add", "fd90::1/64", "dev", tunnel, "nodad");
  run("ip", "link", "set", tunnel, "up");
  return device;
}

async function addCustomer(unwinding: AsyncDisposableStack, exit: WireGuardDevice, number: number): Promise<Customer> {
  const network = await addNetwork(unwinding);
  connect(unwinding, network, `to${number}`, `10.77.${number}.1/24`, `10.77.${number}.2/24`);
  const name = `customer${number}`;
  const inside = (...words: readonly string[]) => run("nsenter", ...network, ...words);
  inside("wireguard-go", name);
  unwinding.defer(() => endWireGuardGo(name, { clock }));
  const device = createUapiDevice(name, { clock });
  await device.configure({ privateKey: new SecretBytes(new Uint8Array(randomBytes(32))) });
  const [{ publicKey }, { publicKey: exitKey }] = [await device.read(), await exit.read()];
  if (publicKey === undefined || exitKey === undefined) throw new Error("a device has no key");
  const endpoint = { address: ipAddress(`10.77.${number}.1`), port: exitPort };
  const allowedPrefixes = ["0.0.0.0/0", "::/0"].flatMap((text) => parsePrefix(text) ?? []);
  const peer = { publicKey: exitKey, allowedPrefixes, keepalive: undefined, endpoint };
  const address = `10.90.0.${number + 1}`;
  const address6 = `fd90::${number + 1}`;
  inside("ip", "address", "add", `${address}/32`, "dev", name);
  inside("ip", "address", "add", `${address6}/128`, "dev", name, "nodad");
  inside("ip", "link", "set", name, "up");
  for (const family of ["-4", "-6"]) inside("ip", family, "route", "add", "default", "dev", name);
  const reaches = (to = internet) =>
    new Promise<boolean>((resolve) => {
      const ping = ["ping", "-n", "-q", "-c", "1", "-W", "0.3", to];
      execFile("nsenter", [...network, ...ping], (error) => resolve(error === null));
    });
  const untilReaches = (isReached: boolean) =>
    until(`${name} reaching: ${isReached}`, async () => (await reaches()) === isReached);
  return {
    ...{ publicKey, address, address6, reaches, untilReaches },
    async begin(presharedKey) {
      const former = { kind: "remove", publicKey: exitKey } as const;
      await device.change([former, { kind: "add", peer: { ...peer, presharedKey } }]);
      await untilReaches(true);
    },
    start: (...words) => spawn("nsenter", [...network, ...words], { stdio: ["ignore", "pipe", "inherit"] }),
  };
}

/** How it is entered. */
async function addNetwork(unwinding: AsyncDisposableStack): Promise<readonly string[]> {
  const holder = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
  unwinding.defer(() => void holder.kill("SIGKILL"));
  const own = readlinkSync("/proc/self/ns/net");
  await until("a network", () => readlinkSync(`/proc/${holder.pid}/ns/net`) !== own);
  const enter = ["-t", String(holder.pid), "-n"];
  run("nsenter", ...enter, "ip", "link", "set", "lo", "up");
  return enter;
}

/** By a pair of interfaces, of which the network has the one called out0. */
function connect(
  unwinding: AsyncDisposableStack,
  network: readonly string[],
  name: string,
  here: string,
  there: string,
): void {
  run("ip", "link", "add", name, "type", "veth", "peer", "name", "out0", "netns", network[1] ?? "");
  unwinding.defer(() => run("ip", "link", "delete", name));
  run("ip", "address", "add", here, "dev", name);
  run("ip", "link", "set", name, "up");
  run("nsenter", ...network, "ip", "address", "add", there, "dev", "out0");
  run("nsenter", ...network, "ip", "link", "set", "out0", "up");
}

function run(program: string, ...words: readonly string[]): void {
  execFileSync(program, words, { stdio: ["ignore", "ignore", "pipe"] });
}
