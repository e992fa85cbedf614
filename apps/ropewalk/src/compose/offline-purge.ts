/**
 * Gives everything back where no node runs that could be asked to: with the same steering as a node's, which only watches and is
 * told to purge. What there is to give back is in the kernel and in the node's state; nobody need have seen it change.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { defaultSystemBus } from "@ropewalk/backhaul/io/resolver-sources";
import { keepRoute } from "@ropewalk/backhaul/pure/default-routes";
import { initialState } from "@ropewalk/backhaul/pure/machine";
import type { SteeringConfig } from "@ropewalk/backhaul/pure/steering/steering-config";
import { createSteering, type SteeringDeps } from "@ropewalk/backhaul/steering/steering";
import { createNative, type Native } from "@ropewalk/host/linux/native";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import type { NetworkWatch } from "@ropewalk/host/ports";
import { describeError } from "@ropewalk/kernel/errors";
import { millis } from "@ropewalk/kernel/units";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { openStore, type Store } from "@ropewalk/ops/store";
import type { CommandContext } from "../command-context.ts";
import { AppError } from "../errors.ts";
import { holdInstanceLock } from "../machine/instance-lock.ts";
import { holdStateLock } from "../machine/state-lock.ts";
import { stateDirectory } from "../paths.ts";
import { leaseFolder, stateMigrations, whatMovingTrafficLacks } from "./backhaul.ts";
import { openHands } from "./hands.ts";
import { createPlanReader } from "./plan-reader.ts";
import { recordingHands } from "./recording-hands.ts";

export interface OfflinePurge {
  /** What was done, in order. */
  readonly done: readonly string[];
  /** Why settings and resolvers' lists could not be given back; null when they could. */
  readonly unknown: string | null;
  /** What could not be given back; null when nothing of that is left. */
  readonly refused: string | null;
}

/**
 * No node can start meanwhile. Throws APP_PERMISSION when this process may not change the machine, APP_ALREADY_RUNNING when a node
 * runs after all.
 */
export async function purgeOffline(context: CommandContext): Promise<OfflinePurge> {
  const native = createNative();
  const lack = whatMovingTrafficLacks(native);
  if (lack !== undefined) {
    throw new AppError("APP_PERMISSION", `no node answers, and this user cannot do it instead: ${lack}. Use sudo.`);
  }
  await using stack = new AsyncDisposableStack();
  stack.use(await holdInstanceLock(native, context.program));
  const { store, fault } = openKeptState(context, stack);
  const network = stack.use(await createNetworkWatch(native, context.clock, { keepRoute }));
  const done: string[] = [];
  const steering = stack.use(
    await createSteering(
      onlyPurging,
      steeringDeps(context, { native, network, store, done: (line) => done.push(line) }),
    ),
  );
  const outcome = await steering.purge();
  return { done, unknown: fault ?? null, refused: outcome.kind === "refused" ? outcome.reason : null };
}

const onlyPurging: SteeringConfig = {
  monitorOnly: true,
  executeCommands: true,
  confirmWithin: millis(0),
  drainGrace: millis(0),
  uplink: [],
};

/** Without a state what is in the kernel is found all the same; how settings and lists were is not. */
function openKeptState(context: CommandContext, stack: AsyncDisposableStack) {
  const { path } = stateDirectory(context);
  const file = join(path, "state.sqlite");
  const inMemory = (fault: string) => {
    const { store } = openStore(":memory:", { migrations: stateMigrations, clock: context.clock });
    return { store: stack.use(store), fault };
  };
  if (!existsSync(file)) return inMemory(`there is no ${file}`);
  const lock = holdStateLock(path);
  if (lock !== undefined) stack.use(lock);
  try {
    const { store, setAside } = openStore(file, { migrations: stateMigrations, clock: context.clock });
    const fault = setAside && `${file} was damaged (${setAside.reason}); it is kept at ${setAside.path}`;
    return { store: stack.use(store), fault };
  } catch (error) {
    return inMemory(`${file} cannot be used: ${describeError(error)}`);
  }
}

interface OfflineParts {
  readonly native: Native;
  readonly network: NetworkWatch;
  readonly store: Store;
  readonly done: (line: string) => void;
}

function steeringDeps(context: CommandContext, { native, network, store, done }: OfflineParts): SteeringDeps {
  const { clock, environment, errors } = context;
  const { path: state } = stateDirectory(context);
  const nameOf = (ifindex: number) => network.facts.links.get(ifindex)?.name ?? `if${ifindex}`;
  const busAddress = environment["DBUS_SYSTEM_BUS_ADDRESS"] ?? defaultSystemBus;
  return {
    view: {
      get state() {
        return { ...initialState, network: network.facts };
      },
      observe: () => ({ [Symbol.dispose]: () => {} }),
    },
    ...{ network, store, clock, lack: undefined },
    reader: createPlanReader(native, false),
    openHands: ({ onNames, onLease }) => {
      const names = { store, busAddress, onOutcome: onNames, isFollowing: false };
      const leases = { folder: leaseFolder(state), network, onOutcome: onLease };
      return recordingHands(openHands({ native, clock, names, leases }), nameOf, done);
    },
    // What is refused is told as it happens, with the system's words.
    log: createLog({ level: "warn", format: "text", destination: errors, clock }),
    metrics: createMetrics(),
    health: new HealthRegistry({ clock }),
  };
}
