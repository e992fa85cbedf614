/** How the device of an exit is started so that it outlives the exit's program, and how it is ended. */
import { existsSync, readFileSync } from "node:fs";
import { endWireGuardGo, startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import { startWireGuardUnit, stopWireGuardUnit } from "@ropewalk/host/linux/wireguard-unit";
import type { Clock } from "@ropewalk/kernel/clock";

interface Deps {
  readonly clock: Clock;
}

/** Throws HOST_WIREGUARD_START with what stands in the way. */
export function startDevice(name: string, deps: Deps): Promise<"started" | "there"> {
  const isService = isSystemdHere() && isServiceGroup(ownControlGroup());
  return isService ? startWireGuardUnit(name, deps) : startWireGuardGo(name, deps);
}

/** Whoever started it. Throws WireGuardError. */
export async function endDevice(name: string, deps: Deps): Promise<void> {
  // First, for systemd would start again what is ended behind its back.
  if (isSystemdHere()) await stopWireGuardUnit(name, deps);
  await endWireGuardGo(name, deps);
}

/**
 * Whether a process of this control group is a service of the system's: what systemd ends with a service is all that the service has started, so
 * that the device must be a unit of its own. A shell is in none, whichever terminal it is in. Source: cgroups(7), systemd.kill(5).
 */
export function isServiceGroup(controlGroup: string): boolean {
  const [, path = ""] = /^0::(\/\S*)$/m.exec(controlGroup) ?? /^\d+:name=systemd:(\/\S*)$/m.exec(controlGroup) ?? [];
  return path.endsWith(".service") && !path.startsWith("/user.slice/");
}

/** Source: sd_booted(3). */
function isSystemdHere(): boolean {
  return existsSync("/run/systemd/system");
}

function ownControlGroup(): string {
  try {
    return readFileSync("/proc/self/cgroup", "latin1");
  } catch {
    return "";
  }
}
