/** Makes the backhaul on the real kernel of this machine. */
import { join } from "node:path";
import { openDecisionLog } from "@ropewalk/backhaul/io/decision-log";
import { createResolverSources, defaultSystemBus, systemRoots } from "@ropewalk/backhaul/io/resolver-sources";
import { uplinkMemoryMigrations } from "@ropewalk/backhaul/io/uplink-memory";
import { keepRoute } from "@ropewalk/backhaul/pure/default-routes";
import { type BackhaulService, createBackhaul } from "@ropewalk/backhaul/service";
import type { Native } from "@ropewalk/host/linux/native";
import { createNetworkReader } from "@ropewalk/host/linux/network-reader";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import type { Metrics } from "@ropewalk/ops/metrics";
import type { Assembly } from "./assembly.ts";
import type { ClaimedPlaces } from "./places.ts";
import { proberFactory } from "./prober.ts";
import { openStateStore } from "./state-store.ts";

export interface BackhaulParts {
  readonly native: Native;
  readonly metrics: Metrics;
  readonly places: ClaimedPlaces;
}

/** Resolves with a complete picture; its end is registered with the shutdown. */
export async function startBackhaul(assembly: Assembly, parts: BackhaulParts): Promise<BackhaulService> {
  const { context, config, log, health, shutdown } = assembly;
  const { native, metrics, places } = parts;
  const { clock, environment } = context;
  const store = openStateStore(places.stateDirectory, uplinkMemoryMigrations, places.stateUnusable, {
    clock,
    health: health.subsystem("state"),
    log,
  });
  shutdown.register("clean-up", { name: "state", run: () => store[Symbol.dispose]() });
  const network = await createNetworkWatch(native, clock, { keepRoute });
  shutdown.register("clean-up", { name: "network watch", run: async () => await network[Symbol.asyncDispose]() });
  const busAddress = environment["DBUS_SYSTEM_BUS_ADDRESS"] ?? defaultSystemBus;
  const sources = createResolverSources({ roots: systemRoots, busAddress }, { clock, chance: Math.random });
  shutdown.register("clean-up", { name: "resolver sources", run: async () => await sources[Symbol.asyncDispose]() });
  const decisions = await openDecisionLog(config.values.backhaul.decisionLog, {
    folder: join(places.stateDirectory, "decisions"),
    version: context.version,
    clock,
    log: log.child({ part: "decisions" }),
    metrics,
    health: health.subsystem("decision log"),
  });
  shutdown.register("clean-up", { name: "decision log", run: async () => await decisions[Symbol.asyncDispose]() });
  const backhaul = await createBackhaul(config.values.backhaul, {
    network,
    reader: createNetworkReader(native),
    sources,
    store,
    clock,
    log: log.child({ part: "backhaul" }),
    metrics,
    health,
    probes: proberFactory(assembly, native),
    decisions,
  });
  shutdown.register("persisting", { name: "backhaul", run: async () => await backhaul[Symbol.asyncDispose]() });
  return backhaul;
}
