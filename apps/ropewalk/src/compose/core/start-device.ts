/** How the device of an exit is started so that it outlives the exit's program, and how it is ended. */
import { existsSync } from "node:fs";
import { endWireGuardGo, startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import { startWireGuardUnit, stopWireGuardUnit } from "@ropewalk/host/linux/wireguard-unit";
import type { CommandContext } from "../../command-context.ts";

type Context = Pick<CommandContext, "environment" | "clock">;

/** What systemd ends with a service is all that the service has started: the device is a unit of its own there. Source: sd_booted(3), systemd.exec(5). */
function isService({ environment }: Context): boolean {
  return environment["INVOCATION_ID"] !== undefined && existsSync("/run/systemd/system");
}

/** Throws HOST_WIREGUARD_START with what stands in the way. */
export function startDevice(name: string, context: Context): Promise<"started" | "there"> {
  const { clock } = context;
  return isService(context) ? startWireGuardUnit(name, { clock }) : startWireGuardGo(name, { clock });
}

/** Whoever started it. Throws WireGuardError. */
export async function endDevice(name: string, { clock }: Context): Promise<void> {
  // First, for systemd would start again what is ended behind its back.
  if (existsSync("/run/systemd/system")) await stopWireGuardUnit(name, { clock });
  await endWireGuardGo(name, { clock });
}
