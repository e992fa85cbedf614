/**
 * Reloading the configuration while running. A configuration with a fault changes nothing but the health: the daemon
 * goes on with what it has, and says why until a good one is loaded.
 */
import { describeError } from "@ropewalk/kernel/errors";
import type { ConfigResult, ConfigValues, LoadedConfig, Sections } from "./config.ts";
import { changedPaths } from "./config-changes.ts";
import { describeFault } from "./config-fault.ts";
import type { HealthReporter } from "./health.ts";
import type { Log } from "./log.ts";
import type { LoadedLeaf } from "./pure/config-leaves.ts";
import { formatPath } from "./pure/config-path.ts";

export interface ReloaderOptions<S extends Sections> {
  /** What runs now. */
  readonly current: LoadedConfig<S>;
  /** Reads the configuration anew; may throw when the file cannot be read. */
  readonly load: () => ConfigResult<S> | Promise<ConfigResult<S>>;
  /** Makes the running program what `values` say. `changed` names the keys that differ, "backhaul.probe.interval". */
  readonly apply: (values: ConfigValues<S>, changed: readonly string[]) => Promise<void> | void;
  readonly health: HealthReporter;
  readonly log: Log;
}

export class Reloader<S extends Sections> {
  readonly #options: ReloaderOptions<S>;
  #current: LoadedConfig<S>;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor(options: ReloaderOptions<S>) {
    this.#options = options;
    this.#current = options.current;
    options.health.healthy();
  }

  /** The newest configuration that was accepted. */
  get current(): LoadedConfig<S> {
    return this.#current;
  }

  /** Reloads; a call during a reload causes one more after it. Settles when no reload is left to do; never rejects. */
  reload(): Promise<void> {
    if (this.#running !== undefined) {
      this.#isAskedAgain = true;
      return this.#running;
    }
    this.#running = this.#reloadWhileAsked();
    return this.#running;
  }

  async #reloadWhileAsked(): Promise<void> {
    do {
      this.#isAskedAgain = false;
      await this.#reloadOnce();
    } while (this.#isAskedAgain);
    this.#running = undefined;
  }

  async #reloadOnce(): Promise<void> {
    const { load, apply, health, log } = this.#options;
    try {
      const loaded = await load();
      if (loaded.kind === "faults") return this.#refuse(loaded.faults.map(describeFault));
      const changed = changedPaths(this.#current.values, loaded.values, leafPaths(this.#current, loaded));
      if (changed.length > 0) await apply(loaded.values, changed);
      this.#current = loaded;
      health.healthy();
      log.info({ changed }, "configuration reloaded");
    } catch (error) {
      this.#refuse([describeError(error)]);
    }
  }

  #refuse(reasons: readonly string[]): void {
    const { health, log } = this.#options;
    for (const reason of reasons) log.error({ reason }, "configuration not accepted");
    const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : "";
    health.report("degraded", `configuration file not accepted: ${reasons[0] ?? "no reason given"}${more}`);
  }
}

function leafPaths(...loaded: readonly { readonly leaves: readonly LoadedLeaf[] }[]): ReadonlySet<string> {
  return new Set(loaded.flatMap(({ leaves }) => leaves.map(({ path }) => formatPath(path))));
}
