/** Makes the backhaul on the real kernel of this machine. */
import { join } from "node:path";
import { openDecisionLog } from "@ropewalk/backhaul/io/decision-log";
import { orderMemoryMigrations } from "@ropewalk/backhaul/io/order-memory";
import { resolverFollowerMigrations } from "@ropewalk/backhaul/io/resolver-follower";
import { createResolverSources, defaultSystemBus, systemRoots } from "@ropewalk/backhaul/io/resolver-sources";
import { uplinkMemoryMigrations } from "@ropewalk/backhaul/io/uplink-memory";
import { keepRoute } from "@ropewalk/backhaul/pure/default-routes";
import { type BackhaulService, createBackhaul } from "@ropewalk/backhaul/service";
import type { Hands } from "@ropewalk/backhaul/steering/hands";
import { lifetimeJournalMigrations } from "@ropewalk/backhaul/steering/lifetime-journal";
import { settingJournalMigrations } from "@ropewalk/backhaul/steering/setting-journal";
import { standingMemoryMigrations } from "@ropewalk/backhaul/steering/standing-memory";
import { createSteering, type SteeringService } from "@ropewalk/backhaul/steering/steering";
import { readAbilities } from "@ropewalk/host/linux/abilities";
import type { Native } from "@ropewalk/host/linux/native";
import { createNetworkReader } from "@ropewalk/host/linux/network-reader";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import type { Millis } from "@ropewalk/kernel/units";
import type { Metrics } from "@ropewalk/ops/metrics";
import type { Assembly } from "./assembly.ts";
import type { HandsDeps } from "./hands.ts";
import type { ClaimedPlaces } from "./places.ts";
import { createPlanReader } from "./plan-reader.ts";
import { proberFactory } from "./prober.ts";
import { openStateStore } from "./state-store.ts";

export interface BackhaulParts {
  readonly native: Native;
  readonly metrics: Metrics;
  readonly places: ClaimedPlaces;
  readonly openHands: (deps: HandsDeps) => Hands;
}

export interface RunningBackhaul {
  readonly backhaul: BackhaulService;
  readonly steering: SteeringService;
  /** When the last probe came to an end, whatever it found; undefined: none has. */
  readonly measuredAt: () => Millis | undefined;
}

/** Resolves with a complete picture; the ends are registered with the shutdown. */
export async function startBackhaul(assembly: Assembly, parts: BackhaulParts): Promise<RunningBackhaul> {
  const { context, config, log, health, shutdown } = assembly;
  const { native, metrics, places } = parts;
  const { clock, environment } = context;
  const store = openStateStore(places.stateDirectory, stateMigrations, places.stateUnusable, {
    clock,
    health: health.subsystem("state"),
    log,
  });
  shutdown.register("clean-up", { name: "state", run: () => store[Symbol.dispose]() });
  const network = await createNetworkWatch(native, clock, { keepRoute });
  shutdown.register("clean-up", { name: "network watch", run: async () => await network[Symbol.asyncDispose]() });
  const busAddress = environment["DBUS_SYSTEM_BUS_ADDRESS"] ?? defaultSystemBus;
  const ownLeases = leaseFolder(places.stateDirectory);
  const sources = createResolverSources(
    { roots: { ...systemRoots, ownLeases }, busAddress },
    { clock, chance: Math.random },
  );
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
  const createProber = proberFactory(assembly, native);
  const measured: { at?: Millis } = {};
  const backhaul = await createBackhaul(config.values.backhaul, {
    network,
    reader: createNetworkReader(native),
    sources,
    store,
    clock,
    log: log.child({ part: "backhaul" }),
    metrics,
    health,
    probes: (onOutcome) =>
      createProber((outcome) => {
        measured.at = clock.now();
        onOutcome(outcome);
      }),
    decisions,
  });
  shutdown.register("persisting", { name: "backhaul", run: async () => await backhaul[Symbol.asyncDispose]() });
  const steering = await createSteering(config.values.backhaul, {
    view: backhaul,
    network,
    reader: createPlanReader(native, config.values.backhaul.dns.follow),
    store,
    lack: whatMovingTrafficLacks(native),
    openHands: ({ onNames, onLease }) => {
      const { follow: isFollowing } = config.values.backhaul.dns;
      const names = { store, busAddress, onOutcome: onNames, isFollowing };
      const leases = { folder: ownLeases, network, onOutcome: onLease };
      const kept = places.stateUnusable === undefined ? { names, leases } : { names: undefined, leases: undefined };
      return parts.openHands({ native, clock, ...kept });
    },
    clock,
    log: log.child({ part: "steering" }),
    metrics,
    health,
  });
  shutdown.register("draining", { name: "steering", run: async () => await steering[Symbol.asyncDispose]() });
  return { backhaul, steering, measuredAt: () => measured.at };
}

/** What is kept in the node's store, in the order in which it was released; only ever appended to. */
export const stateMigrations: readonly string[] = [
  ...uplinkMemoryMigrations,
  ...settingJournalMigrations,
  ...standingMemoryMigrations,
  ...orderMemoryMigrations,
  ...resolverFollowerMigrations,
  ...lifetimeJournalMigrations,
];

/** Where the node keeps the leases that it gets itself. */
export function leaseFolder(stateDirectory: string): string {
  return join(stateDirectory, "leases");
}

/** Undefined when it lacks nothing. */
export function whatMovingTrafficLacks(native: Native): string | undefined {
  return readAbilities(native).netAdmin ? undefined : "it needs CAP_NET_ADMIN, which root has";
}
