/** Reading the configuration again while running: for SIGHUP, and for a request that wants to know what came of it. */
import type { BackhaulService } from "@ropewalk/backhaul/service";
import type { SteeringService } from "@ropewalk/backhaul/steering/steering";
import { describeError } from "@ropewalk/kernel/errors";
import type { MeshService } from "@ropewalk/mesh/service";
import type { ConfigValues, LoadedConfig } from "@ropewalk/ops/config";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { LogLevel, RootLog } from "@ropewalk/ops/log";
import { Reloader } from "@ropewalk/ops/reloader";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { AppSections, ReadConfiguration } from "../configuration.ts";
import { appliedOutcome, type ReloadOutcome, refusedOutcome, unhadOutcome } from "../local-api/reload-outcome.ts";

export interface ReloadingOptions {
  readonly current: LoadedConfig<AppSections>;
  readonly read: () => ReadConfiguration;
  /** The level of the log that the configured one means for this command. */
  readonly levelOf: (configured: LogLevel) => LogLevel;
  readonly backhaul: Pick<BackhaulService, "reconfigure">;
  readonly steering: Pick<SteeringService, "reconfigure">;
  /** Undefined: the node is part of none. */
  readonly mesh: Pick<MeshService, "reconfigure"> | undefined;
  /** Reads the certificates of the tunnel, whether another configuration names others or not. */
  readonly certificates: { use(tunnel: TunnelConfig): Promise<void> };
  readonly health: HealthReporter;
  readonly log: RootLog;
}

/** The function that reloads; it never rejects, and a configuration that is faulty or cannot be had changes nothing. */
export function createReloading(options: ReloadingOptions): () => Promise<ReloadOutcome> {
  let outcome: ReloadOutcome = appliedOutcome([]);
  const { current, mesh, health, log } = options;
  // An exit of the VPN is a program of its own.
  const absent = ["core", ...(mesh === undefined ? ["mesh"] : [])];
  const reloader = new Reloader<AppSections>({
    current,
    load: () => {
      const { result } = options.read();
      outcome = result.kind === "ok" ? appliedOutcome([]) : refusedOutcome(result.faults);
      return result;
    },
    apply: async (values, changed) => {
      try {
        // First, for nothing else can be refused.
        if (changed.some((path) => path.startsWith("mesh"))) await reconfigureMesh(mesh, values);
      } catch (error) {
        outcome = unhadOutcome(describeError(error));
        throw error;
      }
      log.setLevel(options.levelOf(values.log.level));
      options.backhaul.reconfigure(values.backhaul);
      options.steering.reconfigure(values.backhaul);
      outcome = appliedOutcome(changed, absent);
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

/** A node that is to be part of no mesh any more goes on in the one that it is in, until it starts anew. */
async function reconfigureMesh(mesh: ReloadingOptions["mesh"], values: ConfigValues<AppSections>): Promise<void> {
  if (values.mesh !== undefined) await mesh?.reconfigure(values.mesh);
}
