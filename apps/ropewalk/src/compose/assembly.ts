/** What every part of a node's making is given. */
import type { LoadedConfig } from "@ropewalk/ops/config";
import type { HealthRegistry } from "@ropewalk/ops/health";
import type { RootLog } from "@ropewalk/ops/log";
import type { Shutdown } from "@ropewalk/ops/shutdown";
import type { CommandContext } from "../command-context.ts";
import type { AppSections } from "../configuration.ts";

export interface Assembly {
  readonly context: CommandContext;
  readonly config: LoadedConfig<AppSections>;
  readonly log: RootLog;
  readonly health: HealthRegistry;
  /** Where each part registers its end as soon as it is made. */
  readonly shutdown: Shutdown;
}
