/** Makes the machine forward what peers send, or says what stands in the way. */
import { forwardingSettings, isForwarding } from "@ropewalk/host/linux/forwarding";
import { settingPath } from "@ropewalk/host/settings";
import type { Family } from "@ropewalk/kernel/addresses";
import type { Log } from "@ropewalk/ops/log";
import { AppError } from "../../errors.ts";
import type { MachineSettings } from "./machine-settings.ts";

/** A machine that forwards already is left as it is. Throws APP_PERMISSION when it does not and may not be made to. */
export function turnOnForwarding(
  tunnel: string,
  families: readonly Family[],
  { keeper }: MachineSettings,
  log: Log,
): void {
  // Where it forwards already, it is by others, or by us before: what was changed then stays wanted.
  const outcomes = keeper.want(forwardingSettings(families, tunnel));
  for (const { setting, result } of outcomes) {
    const told = { setting: settingPath(setting), value: setting.value };
    if (result.kind === "refused")
      log.warn({ ...told, reason: result.detail }, "a setting of the machine could not be made");
    else log.info(told, `a setting of the machine was ${result.kind}`);
  }
  const still = families.filter((family) => !isForwarding([family]));
  if (still.length === 0) return;
  const names = still.map((family) => `net.${family}.conf.all.forwarding`).join(" and ");
  throw new AppError(
    "APP_PERMISSION",
    `this machine does not forward, and this process may not change that: set ${names} to 1 (sysctl, or the pod's securityContext.sysctls)`,
  );
}
