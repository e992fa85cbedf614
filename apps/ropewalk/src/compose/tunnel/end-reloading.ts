/**
 * Reading the configuration again while an end runs: what is wrong in it, or cannot be had, changes nothing and is told; the files of
 * the identity are read again in any case.
 */
import { describeError } from "@ropewalk/kernel/errors";
import type { ConfigValues, LoadedConfig } from "@ropewalk/ops/config";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { RootLog } from "@ropewalk/ops/log";
import { Reloader } from "@ropewalk/ops/reloader";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { AppSections } from "../../configuration.ts";
import { AppError } from "../../errors.ts";
import { appliedOutcome, type ReloadOutcome, refusedOutcome, unhadOutcome } from "../../local-api/reload-outcome.ts";
import type { TunnelRole } from "../../paths.ts";
import type { ConfigurationSource } from "../daemon.ts";
import { identityFiles } from "./identity-files.ts";
import type { RunningEnd } from "./running-end.ts";

export interface EndReloadingOptions extends Pick<ConfigurationSource, "read" | "levelOf"> {
  readonly current: LoadedConfig<AppSections>;
  readonly role: TunnelRole;
  readonly end: Pick<RunningEnd, "reload">;
  /** What watches the certificates that the configuration names. */
  readonly certificates: { use(tunnel: TunnelConfig): Promise<void> };
  readonly health: HealthReporter;
  readonly log: RootLog;
}

/** The function that reloads; it never rejects. */
export function createEndReloading(options: EndReloadingOptions): () => Promise<ReloadOutcome> {
  const { current, role, end, levelOf, certificates, health, log } = options;
  let outcome: ReloadOutcome | undefined;
  const apply = async (values: ConfigValues<AppSections>, changed: readonly string[]) => {
    try {
      const result = await end.reload(values.tunnel, identityFiles(values.tunnel, role));
      if (result.kind === "refused") throw new AppError("APP_REFUSED", result.reason);
    } catch (error) {
      outcome = unhadOutcome(describeError(error));
      throw error;
    }
    log.setLevel(levelOf(values.log.level));
    await certificates.use(values.tunnel);
    outcome = appliedOutcome(changed.filter(isOfTunnel));
  };
  const reloader = new Reloader<AppSections>({
    ...{ current, health, log, apply },
    load: () => {
      const { result } = options.read();
      if (result.kind !== "ok") outcome = refusedOutcome(result.faults);
      return result;
    },
  });
  return async () => {
    outcome = undefined;
    await reloader.reload();
    // Where no key differs nothing was applied, and yet a file that a key names may be another.
    if (outcome === undefined) await apply(reloader.current.values, []).catch(() => {});
    return outcome ?? appliedOutcome([]);
  };
}

/** What else the file says is other daemons'. */
function isOfTunnel(path: string): boolean {
  return /^(?:tunnel|log|node\.socket_group)\b/.test(path);
}
