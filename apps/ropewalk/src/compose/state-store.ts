/**
 * The node's durable store, or, where the disk does not let it be, one in memory: a node that cannot remember still watches,
 * and says so by its health.
 */
import { join } from "node:path";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import { openStore, type Store } from "@ropewalk/ops/store";

export interface StateStoreDeps {
  readonly clock: Clock;
  readonly health: HealthReporter;
  readonly log: Log;
}

/** `unusable` says why the directory cannot be used at all; undefined when it can. The caller disposes the store. */
export function openStateStore(
  directory: string,
  migrations: readonly string[],
  unusable: string | undefined,
  deps: StateStoreDeps,
): Store {
  if (unusable !== undefined) return inMemory(directory, migrations, unusable, deps);
  try {
    const { store, setAside } = openStore(join(directory, "state.sqlite"), { migrations, clock: deps.clock });
    if (setAside === undefined) deps.health.healthy();
    else {
      deps.log.error({ movedTo: setAside.path, reason: setAside.reason }, "the state was damaged and was set aside");
      deps.health.report("degraded", `the state was damaged (${setAside.reason}); it is kept at ${setAside.path}`);
    }
    return store;
  } catch (error) {
    return inMemory(directory, migrations, describeError(error), deps);
  }
}

function inMemory(directory: string, migrations: readonly string[], reason: string, deps: StateStoreDeps): Store {
  deps.log.error({ directory, reason }, "the state cannot be kept; the node goes on without");
  deps.health.report("degraded", `nothing is remembered across a restart: ${reason}`);
  return openStore(":memory:", { migrations, clock: deps.clock }).store;
}
