/**
 * A virtual machine with Debian's kernel whose root is this machine's, read only: for what this machine's own kernel lacks. It runs one program as
 * root, without any network but its own loopback, and is gone with its starter. It is emulated, so nothing in it says how fast anything is.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep, withDeadline } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { LabError } from "../errors.ts";
import { findGuestPrograms, type GuestPrograms } from "./guest-programs.ts";

export interface GuestTask {
  /** A program of this machine, its whole path first. It may write below /run alone. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Of the kernel. */
  readonly modules: readonly string[];
  readonly within: Millis;
  /** What it prints, as it does. */
  readonly onOutput?: (text: string) => void;
}

export interface GuestResult {
  readonly status: number;
  /** Of the kernel and the program, the last of it. */
  readonly output: string;
}

const megabytes = 2_048;
const mostOutput = 4 * 1024 * 1024;
const statusLine = /^guest-status (\d+)\r?$/m;
const startLimit = seconds(10);

/** Throws LAB_UNSUPPORTED, LAB_START_FAILED, LAB_TIMEOUT. */
export async function runInGuest(task: GuestTask): Promise<GuestResult> {
  const programs = await findGuestPrograms();
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-guest-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const script = join(folder, "init");
  await writeFile(script, initScript(task, programs), { mode: 0o700 });
  const socket = join(folder, "files.sock");
  const files = start(stack, [
    ...programs.virtiofsd,
    `--socket-path=${socket}`,
    ...["-o", "source=/,cache=always,sandbox=chroot"],
  ]);
  await untilThere(socket, files);
  const machine = start(stack, [...programs.qemu, ...machineWords(socket), ...kernelWords(programs, script)]);
  let output = "";
  machine.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output = `${output}${text}`.slice(-mostOutput);
    task.onOutput?.(text);
  });
  const late = () =>
    new LabError("LAB_TIMEOUT", `the guest did not end within ${task.within} ms: ${output.slice(-2_000)}`);
  await withDeadline(createSystemClock(), "a guest", task.within, ended(machine), late);
  const status = statusLine.exec(output)?.[1];
  if (status === undefined) throw new LabError("LAB_START_FAILED", `the guest ended before its program: ${output}`);
  return { status: Number(status), output };
}

function machineWords(socket: string): readonly string[] {
  return [
    ...["-accel", "tcg,thread=multi", "-cpu", "max", "-m", `${megabytes}`, "-smp", "1"],
    ...["-object", `memory-backend-memfd,id=mem,size=${megabytes}M,share=on`, "-numa", "node,memdev=mem"],
    ...["-chardev", `socket,id=files,path=${socket}`, "-device", "vhost-user-fs-pci,chardev=files,tag=hostroot"],
    ...["-nodefaults", "-nographic", "-serial", "stdio", "-no-reboot"],
  ];
}

function kernelWords({ kernel }: GuestPrograms, script: string): readonly string[] {
  const root = "root=hostroot rootfstype=virtiofs ro";
  return ["-kernel", kernel, "-append", `console=ttyS0 quiet panic=-1 ${root} init=${script}`];
}

function initScript({ command, environment = {}, modules }: GuestTask, { modprobe, folder }: GuestPrograms): string {
  const own = Object.entries({ TMPDIR: "/run", HOME: "/run", LC_ALL: "C", ...environment });
  return [
    "#!/bin/sh",
    "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ...["mount -t proc proc /proc", "mount -t sysfs sysfs /sys", "mount -t devtmpfs dev /dev 2>/dev/null"],
    ...["mount -t tmpfs tmpfs /run", "mkdir -p /run/netns /run/wireguard", "ip link set lo up"],
    ...modules.map((name) => [...modprobe.map(quoted), "-d", quoted(folder), name].join(" ")),
    ...own.map(([name, value]) => `export ${name}=${quoted(value)}`),
    `cd ${quoted(process.cwd())}`,
    `${command.map(quoted).join(" ")} </dev/null 2>&1`,
    'echo "guest-status $?"',
    "echo o >/proc/sysrq-trigger",
    "sleep 60",
    "",
  ].join("\n");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function start(stack: AsyncDisposableStack, [program = "", ...words]: readonly string[]): ChildProcess {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", program, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr?.resume();
  child.on("error", () => {});
  stack.defer(async () => {
    if (child.kill("SIGKILL")) await ended(child);
  });
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => void child.once("close", () => resolve()));
}

async function untilThere(path: string, { pid }: ChildProcess): Promise<void> {
  const clock = createSystemClock();
  for (const end = clock.now() + startLimit; !existsSync(path); await sleep(clock, "a guest's files", millis(10)))
    if (pid === undefined || clock.now() > end)
      throw new LabError("LAB_START_FAILED", "the program that shares this machine's files did not start");
}
