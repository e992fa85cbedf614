/**
 * The program that delays an uplink: the ISP routes its customer's packets into one TUN device and its own towards the
 * customer into the other, and this moves them across when their time has come. It waits in one system call and so is
 * late by little; it runs nothing else. Its input holds lines of "delay jitter" in milliseconds, and it ends with it.
 */
import { readSync } from "node:fs";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { openTun, openWait, type TunDevice } from "./native.ts";
import { type Delay, DelayLine } from "./pure/delay-line.ts";
import { relayDevices } from "./pure/relay-plan.ts";

/** Packets held in each direction: 100 ms at 100,000 packets a second, 15 MB at full size. */
const capacity = 10_000;
const longestWait = seconds(60);

function main(): void {
  const near = openTun(relayDevices.near);
  const far = openTun(relayDevices.far);
  const ways = [
    { from: near, to: far, line: new DelayLine(capacity) },
    { from: far, to: near, line: new DelayLine(capacity) },
  ] as const;
  const wait = openWait([near.descriptor, far.descriptor, 0]);
  let setting: Delay | undefined = { delay: millis(0), jitter: millis(0) };
  process.stdout.write("ready\n");
  while (setting !== undefined) {
    const [nearReady, farReady, isTold] = wait(nextWait(ways.map(({ line }) => line)));
    if (isTold === true) setting = readSetting(setting);
    if (setting === undefined) return;
    if (nearReady === true) takeIn(near, ways[0].line, setting);
    if (farReady === true) takeIn(far, ways[1].line, setting);
    for (const { to, line } of ways) letOut(to, line);
  }
}

function now(): Millis {
  return millis(performance.now());
}

function nextWait(lines: readonly DelayLine[]): Millis {
  const deadlines = lines.map((line) => line.deadline() ?? Number.POSITIVE_INFINITY);
  return millis(Math.max(0, Math.min(longestWait, Math.min(...deadlines) - now())));
}

function takeIn(device: TunDevice, line: DelayLine, setting: Delay): void {
  for (let packet = device.read(); packet !== undefined; packet = device.read()) {
    line.offer(now(), packet.slice(), setting, Math.random());
  }
}

function letOut(device: TunDevice, line: DelayLine): void {
  for (;;) {
    const packet = line.take(now());
    if (packet === undefined) return;
    // A packet that the kernel refuses (a device just going down) is lost, as on any link.
    device.write(packet);
  }
}

/** The newest setting in the input; the old one when there is no whole line, undefined at the end of the input. */
function readSetting(current: Delay): Delay | undefined {
  const buffer = new Uint8Array(4096);
  const length = readSync(0, buffer);
  if (length === 0) return undefined;
  const last = new TextDecoder().decode(buffer.subarray(0, length)).trim().split("\n").at(-1) ?? "";
  const match = /^([\d.]+) ([\d.]+)$/.exec(last);
  return match === null ? current : { delay: millis(Number(match[1])), jitter: millis(Number(match[2])) };
}

main();
