/** A node that takes the wheel at once and settles soon, and how a test sees by which uplink its machine sends. */
import assert from "node:assert/strict";
import type { LabHost } from "@ropewalk/lab/lab-host";
import { growingPause } from "./growing-pause.ts";

export const atTheWheel = {
  ROPEWALK_BACKHAUL_MONITOR_ONLY: "false",
  ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "0s",
  ROPEWALK_BACKHAUL_PROBE_PROFILE: "fast",
  ROPEWALK_BACKHAUL_SETTLING_RETURN_AFTER: "1s",
  ROPEWALK_BACKHAUL_CHOICE_RETURN_FOR: "1s",
} as const;

/** Undefined when the kernel does not send there. */
export interface WayOut {
  readonly device: string | undefined;
  /** What a flow without a source of its own begins with. */
  readonly source: string | undefined;
}

/** `more`: words of `ip route get`, such as a mark. */
export async function wayTo(host: LabHost, destination: string, ...more: readonly string[]): Promise<WayOut> {
  const family = destination.includes(":") ? "-6" : "-4";
  const { stdout } = await host.tryExec("ip", [family, "route", "get", destination, ...more]);
  return { device: / dev (\S+)/.exec(stdout)?.[1], source: / src (\S+)/.exec(stdout)?.[1] };
}

export async function eventually(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await isTrue())) {
    if (performance.now() > began + 10_000) assert.fail(`10 s in vain for this: ${what}`);
    await growingPause(began);
  }
}
