/**
 * A real NetworkManager on a real message bus, with one link to a real DHCP server, all inside the test's own machine.
 * NetworkManager and the bus come unpacked from Debian's packages, because installing them would start services.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const borrowed = join(import.meta.dirname, "../../../../build/borrowed/network-manager");
const work = "/run/test";
const busSocket = "/run/dbus/system_bus_socket";
export const busAddress = `unix:path=${busSocket}`;

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>${busAddress}</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
`;

const managerConfig = `[main]
plugins=keyfile
dhcp=internal
dns=none
rc-manager=unmanaged
auth-polkit=false
[keyfile]
path=${work}/connections
unmanaged-devices=interface-name:wan1
[connectivity]
enabled=false
`;

const connection = `[connection]
id=wan0
uuid=8a5f1b0e-6a0c-4e8e-9c0e-5a3f0e1d2c3b
type=ethernet
interface-name=wan0
[ipv4]
method=auto
[ipv6]
method=auto
`;

/** `name` of a program in the unpacked packages; throws with what to do when it is not there. */
function program(name: string): string {
  const path = join(borrowed, name);
  if (!existsSync(path)) throw new Error(`${path} is not there: run "npm test" once as root, it brings the packages`);
  return path;
}

const environment = {
  ...process.env,
  LC_ALL: "C",
  DBUS_SYSTEM_BUS_ADDRESS: busAddress,
  LD_LIBRARY_PATH: execFileSync("find", [borrowed, "-name", "*.so.*", "-printf", "%h\n"], { encoding: "utf8" })
    .split("\n")
    .filter((folder, index, all) => folder !== "" && all.indexOf(folder) === index)
    .join(":"),
};

/** Makes wan0, with DHCP, router advertisements and the mark of an Android phone behind it, and wan1, with nothing. Returns the DHCP server. */
export function createLinks(): ChildProcess {
  for (const folder of ["/run/netns", "/run/dbus", `${work}/connections`, `${work}/empty`]) {
    mkdirSync(folder, { recursive: true });
  }
  const commands = [
    "netns add isp",
    "link add wan0 type veth peer name lan netns isp",
    "link add wan1 type veth peer name idle netns isp",
    "-n isp address add 192.0.2.1/24 dev lan",
    "-n isp address add 2001:db8:1::1/64 dev lan nodad",
    "-n isp link set lan up",
  ];
  for (const command of commands) execFileSync("ip", command.split(" "));
  const options = [
    "--keep-in-foreground --conf-file=/dev/null --pid-file --port=0 --user=root --bind-interfaces --interface=lan",
    `--no-ping --dhcp-leasefile=${work}/leases --log-facility=${work}/dnsmasq.log --enable-ra`,
    "--dhcp-range=192.0.2.50,192.0.2.99,12h --dhcp-range=2001:db8:1::,ra-only,64",
    "--dhcp-option=6,192.0.2.53,198.51.100.53 --dhcp-option=option6:dns-server,[2001:db8:1::53]",
    "--dhcp-option-force=43,ANDROID_METERED",
  ];
  return spawn("ip", ["netns", "exec", "isp", "dnsmasq", ...options.join(" ").split(" ")], { stdio: "ignore" });
}

export function startBus(): ChildProcess {
  writeFileSync(`${work}/bus.conf`, busConfig);
  return start(program("usr/bin/dbus-daemon"), [`--config-file=${work}/bus.conf`, "--nofork", "--nopidfile"]);
}

export function startNetworkManager(): ChildProcess {
  writeFileSync(`${work}/manager.conf`, managerConfig);
  writeFileSync(`${work}/connections/wan0.nmconnection`, connection, { mode: 0o600 });
  const files = { config: "manager.conf", "intern-config": "intern.conf", "state-file": "state", "pid-file": "pid" };
  return start(program("usr/sbin/NetworkManager"), [
    "--no-daemon",
    "--debug",
    ...Object.entries(files).map(([option, file]) => `--${option}=${work}/${file}`),
    `--config-dir=${work}/empty`,
    `--system-config-dir=${work}/empty`,
  ]);
}

/** What an operator would type. */
export function nmcli(...words: readonly string[]): void {
  execFileSync(program("usr/bin/nmcli"), [...words], { env: environment, stdio: ["ignore", "ignore", "pipe"] });
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** The last lines that NetworkManager or the bus said, for a failure's message. */
export function lastWords(): string {
  return readFileSync(`${work}/log`, "utf8").split("\n").slice(-40).join("\n");
}

function start(path: string, args: readonly string[]): ChildProcess {
  const log = openSync(`${work}/log`, "a");
  try {
    return spawn(path, args, { env: environment, stdio: ["ignore", log, log] });
  } finally {
    closeSync(log);
  }
}
