/** Real devices of wireguard-go: one in the namespace of this process, and clients in namespaces of their own, joined by veth pairs. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { endWireGuardGo, startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import type { WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { type Family, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { DeviceRig } from "../wireguard/wireguard-device.contract.ts";
import type { TunnelClient, TunnelEnd, TunnelRig } from "../wireguard/wireguard-tunnel.contract.ts";

const clock = createSystemClock();
const exitPort = 51_820;
const longestMs = 40_000;

/** The sockets of this test are its own, and so is what else it would leave in /run. */
export function ownSockets(): void {
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", "/run"]);
}

/** Of the processes that this test's namespace shows. */
export function wireGuardGoOf(name: string): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const [program = "", device] = commandLine(pid);
      return program.endsWith("/wireguard-go") && device === name;
    });
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + longestMs; !(await isTrue()); await pause(10))
    if (Date.now() > end) throw new Error(`${what} did not come within ${longestMs} ms`);
}

/** What makes a device, drives it and ends it. */
export interface DeviceMaker {
  start(name: string): Promise<unknown>;
  drive(name: string): WireGuardDevice;
  end(name: string): Promise<void>;
}

const wireGuardGo: DeviceMaker = {
  start: (name) => startWireGuardGo(name, { clock }),
  drive: (name) => createUapiDevice(name, { clock }),
  end: (name) => endWireGuardGo(name, { clock }),
};

export async function openDeviceRig(): Promise<DeviceRig> {
  await startWireGuardGo("device0", { clock });
  return {
    device: createUapiDevice("device0", { clock }),
    async kill() {
      for (const pid of wireGuardGoOf("device0")) process.kill(pid, "SIGKILL");
      await until("the end of a killed device", () => wireGuardGoOf("device0").length === 0);
    },
    [Symbol.asyncDispose]: () => endWireGuardGo("device0", { clock }),
  };
}

type Run = (...words: readonly string[]) => void;

const here: Run = (program = "", ...words) =>
  void execFileSync(program, words, { stdio: ["ignore", "ignore", "pipe"] });

/** Addresses of one family inside and outside: of network 1 and 2 between the exit and its clients, and of the tunnel, 0. */
function plan(family: Family) {
  const isIpv4 = family === "ipv4";
  const at = (network: number, host: number) =>
    ipAddress(isIpv4 ? `10.77.${network}.${host}` : `fd77:${network}::${host}`);
  const length = isIpv4 ? 24 : 64;
  const nodad = isIpv4 ? [] : ["nodad"];
  const add = (run: Run, address: IpAddress, link: string) =>
    run("ip", "address", "add", `${address}/${length}`, "dev", link, ...nodad);
  return { at, length, add };
}

/** Clients are wireguard-go's, whatever the exit is. */
export async function openTunnelRig(family: Family, maker: DeviceMaker = wireGuardGo): Promise<TunnelRig> {
  await using unwinding = new AsyncDisposableStack();
  const { at, add } = plan(family);
  await maker.start("exit0");
  unwinding.defer(() => maker.end("exit0"));
  const exit = await tunnelEnd(maker.drive("exit0"), at(0, 1), []);
  await exit.device.configure({ listenPort: exitPort });
  add(here, at(0, 1), "exit0");
  here("ip", "link", "set", "exit0", "up");
  const clients: TunnelClient[] = [];
  for (const number of [1, 2]) clients.push(await openClient(number, family, unwinding));
  const [one, other] = clients;
  if (one === undefined || other === undefined) throw new Error("there are two clients");
  const owned = unwinding.move();
  return { exit, clients: [one, other], [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function openClient(number: number, family: Family, unwinding: AsyncDisposableStack): Promise<TunnelClient> {
  const { at, length, add } = plan(family);
  const name = `client${number}`;
  const holder = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
  unwinding.defer(() => void holder.kill("SIGKILL"));
  const own = readlinkSync("/proc/self/ns/net");
  await until("a namespace", () => readlinkSync(`/proc/${holder.pid}/ns/net`) !== own);
  const enter = ["nsenter", "-t", String(holder.pid), "-n"];
  const inside: Run = (...words) => here(...enter, ...words);
  here("ip", "link", "add", `to${number}`, "type", "veth", "peer", "name", "out0", "netns", String(holder.pid));
  unwinding.defer(() => here("ip", "link", "delete", `to${number}`));
  add(here, at(number, 1), `to${number}`);
  here("ip", "link", "set", `to${number}`, "up");
  add(inside, at(number, 2), "out0");
  inside("ip", "link", "set", "out0", "up");
  inside("wireguard-go", name);
  unwinding.defer(() => endWireGuardGo(name, { clock }));
  const end = await tunnelEnd(createUapiDevice(name, { clock }), at(0, number + 1), enter);
  add(inside, at(0, number + 1), name);
  inside("ip", "link", "set", name, "up");
  return {
    ...end,
    outer: at(number, 2),
    exitAt: { address: at(number, 1), port: exitPort },
    renumber() {
      inside("ip", "address", "delete", `${at(number, 2)}/${length}`, "dev", "out0");
      add(inside, at(number, 9), "out0");
      return at(number, 9);
    },
  };
}

async function tunnelEnd(device: WireGuardDevice, address: IpAddress, enter: readonly string[]): Promise<TunnelEnd> {
  await device.configure({ privateKey: new SecretBytes(new Uint8Array(randomBytes(32))) });
  const { publicKey } = await device.read();
  if (publicKey === undefined) throw new Error(`${device.name} did not take its key`);
  const isAnswered = (to: IpAddress, ...how: readonly string[]) =>
    new Promise<boolean>((resolve) => {
      const [program = "", ...words] = [...enter, "ping", "-n", "-q", ...how, to];
      execFile(program, words, (error) => resolve(error === null));
    });
  return {
    ...{ device, publicKey, address },
    async reaches(to) {
      for (const end = Date.now() + longestMs; Date.now() < end; )
        if (await isAnswered(to, "-c", "1", "-W", "0.3")) return true;
      return false;
    },
    reachesAtOnce: (to) => isAnswered(to, "-c", "3", "-i", "0.2", "-W", "0.6"),
  };
}
