/**
 * A real systemd-resolved on the test's own machine and bus, with two uplinks, each with a resolver behind it that has answers of its
 * own. It comes unpacked from Debian's package, because installing it would take the machine's name service over.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { busAddress } from "./network-manager-machine.ts";

const borrowed = join(import.meta.dirname, "../../../../build/borrowed/systemd-resolved");
const work = "/run/test";
/** Its own build of the library, which only ever goes with it. */
const environment = {
  ...process.env,
  LC_ALL: "C",
  SYSTEMD_COLORS: "0",
  DBUS_SYSTEM_BUS_ADDRESS: busAddress,
  LD_LIBRARY_PATH: join(borrowed, "usr/lib/x86_64-linux-gnu/systemd"),
};

export interface ResolvedUplink {
  readonly ifindex: number;
  readonly name: string;
  readonly resolver: string;
  /** What its resolver says of every name below example. */
  readonly answer: string;
  /** Every question that its resolver was asked. */
  readonly asked: () => readonly string[];
}

/** Makes wan0 and wan1 with their resolvers, and resolv.conf the link that it is where systemd-resolved is in use. */
export function createResolvedMachine(): {
  readonly uplinks: readonly ResolvedUplink[];
  readonly servers: readonly ChildProcess[];
} {
  for (const folder of ["/run/netns", "/run/dbus", "/run/systemd/netif/links", work])
    mkdirSync(folder, { recursive: true });
  // It drops its privileges to this user, and does not begin without.
  appendFileSync("/etc/passwd", "systemd-resolve:x:990:990::/:/usr/sbin/nologin\n");
  appendFileSync("/etc/group", "systemd-resolve:x:990:\n");
  rmSync("/etc/resolv.conf", { force: true });
  symlinkSync("../run/systemd/resolve/stub-resolv.conf", "/etc/resolv.conf");
  const made = [0, 1].map(createUplink);
  return { uplinks: made.map(({ uplink }) => uplink), servers: made.map(({ server }) => server) };
}

function createUplink(slot: number): { readonly uplink: ResolvedUplink; readonly server: ChildProcess } {
  const [name, isp, net, ifindex] = [`wan${slot}`, `isp${slot}`, `192.0.${slot + 2}`, 10 + slot];
  const [resolver, answer, log] = [`${net}.1`, `203.0.113.${slot + 1}`, `${work}/${isp}.log`];
  for (const command of [
    `netns add ${isp}`,
    `link add ${name} index ${ifindex} type veth peer name lan netns ${isp}`,
    `address add ${net}.7/24 dev ${name}`,
    `link set ${name} up`,
    `-n ${isp} address add ${resolver}/24 dev lan`,
    `-n ${isp} link set lan up`,
  ]) {
    execFileSync("ip", command.split(" "));
  }
  const options =
    `--keep-in-foreground --conf-file=/dev/null --pid-file --user=root --no-resolv --no-hosts --log-queries ` +
    `--log-facility=${log} --address=/example/${answer}`;
  const server = spawn("ip", ["netns", "exec", isp, "dnsmasq", ...options.split(" ")], { stdio: "ignore" });
  const asked = () =>
    (existsSync(log) ? [...readFileSync(log, "utf8").matchAll(/query\[A\] (\S+)/g)] : []).map(([, one = ""]) => one);
  return { uplink: { ifindex, name, resolver, answer, asked }, server };
}

export function startResolved(): ChildProcess {
  const log = openSync(`${work}/log`, "a");
  try {
    return spawn(program("lib/systemd/systemd-resolved"), [], { env: environment, stdio: ["ignore", log, log] });
  } finally {
    closeSync(log);
  }
}

/** What an operator would read or say. */
export function resolvectl(...words: readonly string[]): string {
  return execFileSync(program("usr/bin/resolvectl"), words, { env: environment, encoding: "utf8" });
}

/** The state of a link as networkd writes it: from then on systemd-resolved lets nobody else change the link. */
export function manageByNetworkd({ ifindex, resolver }: ResolvedUplink): void {
  const state = `ADMIN_STATE=configured\nOPER_STATE=routable\nDNS=${resolver}\n`;
  writeFileSync(`${work}/state`, state);
  renameSync(`${work}/state`, `/run/systemd/netif/links/${ifindex}`);
}

/** What the C library of another program is told of `name`: an address, or nothing. */
export function lookUp(name: string): string | undefined {
  try {
    return execFileSync("getent", ["ahostsv4", name], { encoding: "utf8" }).split(/\s/)[0];
  } catch {
    return undefined;
  }
}

function program(name: string): string {
  const path = join(borrowed, name);
  if (!existsSync(path)) throw new Error(`${path} is not there: run "npm test" once as root, it brings the packages`);
  return path;
}
