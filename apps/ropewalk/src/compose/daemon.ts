/**
 * What every daemon begins with: its configuration, its log, its health and the order of its end. A start that fails half way
 * unwinds exactly like a stop.
 */
import type { LoadedConfig } from "@ropewalk/ops/config";
import { HealthRegistry, type HealthReporter } from "@ropewalk/ops/health";
import { createLog, type LogDestination, type LogLevel } from "@ropewalk/ops/log";
import type { LogConfig } from "@ropewalk/ops/log-section";
import { Shutdown, type ShutdownDeps } from "@ropewalk/ops/shutdown";
import type { CommandContext } from "../command-context.ts";
import { type AppSections, type ReadConfiguration, readConfiguration, requireConfiguration } from "../configuration.ts";
import type { Assembly } from "./assembly.ts";

export interface DaemonOptions {
  /** --config. */
  readonly configFile: string | undefined;
  readonly log: DaemonLogOptions;
}

interface DaemonLogOptions {
  readonly destination: LogDestination;
  /** What the configured values mean for this command. */
  readonly format: (configured: LogConfig["format"]) => "json" | "text";
  readonly level: (configured: LogLevel) => LogLevel;
}

/** How the daemon came by its configuration, and comes by the next. */
export interface ConfigurationSource {
  /** What was read at the start. */
  readonly configuration: ReadConfiguration;
  readonly read: () => ReadConfiguration;
  readonly levelOf: DaemonLogOptions["level"];
}

/** What it is called in its health, and what its stop may take. */
export interface DaemonKind {
  readonly name: string;
  readonly deadlines?: ShutdownDeps["deadlines"];
  /** Looks at the configuration before anything is made; throws what is wrong with it for this daemon. */
  readonly check?: (config: LoadedConfig<AppSections>) => void;
}

/** What `make` makes registers its end with the shutdown. Throws APP_CONFIG, or what `make` throws; nothing is left then. */
export async function startDaemon<Running>(
  context: CommandContext,
  options: DaemonOptions,
  kind: DaemonKind,
  make: (assembly: Assembly, source: ConfigurationSource) => Promise<Running>,
): Promise<Running> {
  const { clock } = context;
  const read = () => readConfiguration(context, options.configFile);
  const configuration = read();
  const config = requireConfiguration(configuration);
  kind.check?.(config);
  const { destination, format, level: levelOf } = options.log;
  const { log: configured } = config.values;
  const log = createLog({ level: levelOf(configured.level), format: format(configured.format), destination, clock });
  const health = new HealthRegistry({ clock });
  const running: HealthReporter = health.subsystem(kind.name);
  const shutdown = new Shutdown({
    clock,
    ...(kind.deadlines === undefined ? {} : { deadlines: kind.deadlines }),
    onState: (state, reason) => {
      if (state === "draining") running.report("draining", reason);
      log.info({ state, reason }, "stopping");
    },
  });
  try {
    const daemon = await make({ context, config, log, health, shutdown }, { configuration, read, levelOf });
    running.healthy();
    return daemon;
  } catch (error) {
    await shutdown.begin("the start failed");
    throw error;
  }
}
