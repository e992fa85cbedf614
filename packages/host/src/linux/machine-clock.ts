/**
 * The machine's own monotonic clock: one for all its programs, and for one that starts again, unlike that of a process. It begins anew with the
 * machine. Made once, where the program is composed.
 */
import { readFileSync } from "node:fs";
import type { Clock } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis } from "@ropewalk/kernel/units";

export function createMachineClock(): Clock {
  // CLOCK_MONOTONIC, in nanoseconds (uv_hrtime of libuv).
  return { ...createSystemClock(), now: () => millis(Number(process.hrtime.bigint()) / 1e6) };
}

/** New with each start of the machine. Source: random(4). */
export function readKernelBoot(path = "/proc/sys/kernel/random/boot_id"): string {
  return readFileSync(path, "utf8").trim();
}
