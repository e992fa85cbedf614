/** Reading the configuration again while running: for SIGHUP, and for a request that wants to know what came of it. */
import type { BackhaulService } from "@ropewalk/backhaul/service";
import type { SteeringService } from "@ropewalk/backhaul/steering/steering";
import type { LoadedConfig } from "@ropewalk/ops/config";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { LogLevel, RootLog } from "@ropewalk/ops/log";
import { Reloader } from "@ropewalk/ops/reloader";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { AppSections, ReadConfiguration } from "../configuration.ts";
import { appliedOutcome, type ReloadOutcome, refusedOutcome } from "../local-api/reload-outcome.ts";

export interface ReloadingOptions {
  readonly current: LoadedConfig<AppSections>;
  readonly read: () => ReadConfiguration;
  /** The level of the log that the configured one means for this command. */
  readonly levelOf: (configured: LogLevel) => LogLevel;
  readonly backhaul: Pick<BackhaulService, "reconfigure">;
  readonly steering: Pick<SteeringService, "reconfigure">;
  /** Reads the certificates of the tunnel, whether another configuration names others or not. */
  readonly certificates: { use(tunnel: TunnelConfig): Promise<void> };
  readonly health: HealthReporter;
  readonly log: RootLog;
}

/** The function that reloads; it never rejects, and a faulty configuration changes nothing. */
export function createReloading(options: ReloadingOptions): () => Promise<ReloadOutcome> {
  let outcome: ReloadOutcome = appliedOutcome([]);
  const { current, health, log } = options;
  const reloader = new Reloader<AppSections>({
    current,
    load: () => {
      const { result } = options.read();
      outcome = result.kind === "ok" ? appliedOutcome([]) : refusedOutcome(result.faults);
      return result;
    },
    apply: (values, changed) => {
      log.setLevel(options.levelOf(values.log.level));
      options.backhaul.reconfigure(values.backhaul);
      options.steering.reconfigure(values.backhaul);
      outcome = appliedOutcome(changed);
    },
    health,
    log,
  });
  return async () => {
    await reloader.reload();
    await options.certificates.use(reloader.current.values.tunnel);
    return outcome;
  };
}
