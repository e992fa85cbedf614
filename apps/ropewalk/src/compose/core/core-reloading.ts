/**
 * Reading the configuration again while an exit runs: what can change without a cut does, what cannot waits for a restart and is named, and what is
 * faulty changes nothing.
 */
import type { LoadedConfig } from "@ropewalk/ops/config";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { RootLog } from "@ropewalk/ops/log";
import { Reloader } from "@ropewalk/ops/reloader";
import { type CoreConfig, capacityOf } from "@ropewalk/vpn/node/config";
import type { ExitNode } from "@ropewalk/vpn/node/exit-node";
import type { AppSections } from "../../configuration.ts";
import type { ConfigurationSource } from "../daemon.ts";

export interface CoreReloadingOptions extends Pick<ConfigurationSource, "read" | "levelOf"> {
  readonly current: LoadedConfig<AppSections>;
  readonly node: Pick<ExitNode, "reconfigure">;
  readonly readers: { reconfigure(core: CoreConfig): void };
  readonly health: HealthReporter;
  readonly log: RootLog;
}

/** The rest is made of a device, a firewall or a server, which are in use. */
const liveKeys = ["log.level", "core.capacity", "core.quarantine", "core.byte_counts"];

/** The function that reloads; it never rejects. */
export function createCoreReloading(options: CoreReloadingOptions): () => Promise<void> {
  const { current, read, levelOf, node, readers, health, log } = options;
  const reloader = new Reloader<AppSections>({
    ...{ current, health, log },
    load: () => read().result,
    apply: ({ core, log: { level } }, changed) => {
      log.setLevel(levelOf(level));
      node.reconfigure({ capacity: capacityOf(core), quarantine: core.quarantine });
      readers.reconfigure(core);
      const waiting = changed.filter((path) => isOfExit(path) && !liveKeys.includes(path));
      if (waiting.length > 0) log.warn({ keys: waiting }, "these settings wait for a restart, which cuts nobody off");
    },
  });
  return () => reloader.reload();
}

/** What else the file says is other programs'. */
function isOfExit(path: string): boolean {
  return /^(?:core|log|node\.socket_group)\b/.test(path);
}
