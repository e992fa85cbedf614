/** Makes the node's part in the mesh. What keeps it from one does not keep the node from all else: it is told by its health. */
import { join } from "node:path";
import type { Native } from "@ropewalk/host/linux/native";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import { describeError } from "@ropewalk/kernel/errors";
import type { Watched } from "@ropewalk/kernel/latest";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { MeshConfig } from "@ropewalk/mesh/config";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import type { MeshEvent } from "@ropewalk/mesh/mesh-event";
import { MeshService } from "@ropewalk/mesh/service";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { Metrics } from "@ropewalk/ops/metrics";
import { ensureOwnDirectory } from "../../machine/own-directory.ts";
import { meshFolder, ownIdentityFile } from "../../paths.ts";
import type { Assembly } from "../assembly.ts";
import { chance } from "../chance.ts";
import type { ClaimedPlaces } from "../places.ts";
import { meshIdentity } from "./identity.ts";
import { watchInbox } from "./inbox-watch.ts";
import { registerMeshMetrics } from "./mesh-metrics.ts";
import { recordFoundStore, recordMeshEvent } from "./mesh-records.ts";
import { type CountMessages, registerMessageMetrics } from "./message-metrics.ts";
import { StoreWatch } from "./store-watch.ts";

export interface MeshParts {
  readonly native: Native;
  readonly metrics: Metrics;
  readonly places: ClaimedPlaces;
  readonly connectivity: Watched<Connectivity>;
  /** When that was measured last; undefined: never. */
  readonly measuredAt: () => Millis | undefined;
}

/** Undefined where it cannot be had; its end is registered with the shutdown. */
export async function startMesh(
  assembly: Assembly,
  config: MeshConfig,
  parts: MeshParts,
): Promise<MeshService | undefined> {
  const health = assembly.health.subsystem("mesh");
  const log = assembly.log.child({ part: "mesh" });
  try {
    return await start(assembly, config, parts, health);
  } catch (error) {
    const reason = describeError(error);
    log.error({ reason }, "the node is part of no mesh");
    health.report("degraded", `the node is part of no mesh: ${reason}`);
    return undefined;
  }
}

async function start(
  assembly: Assembly,
  config: MeshConfig,
  { native, metrics, places, connectivity, measuredAt }: MeshParts,
  health: HealthReporter,
): Promise<MeshService> {
  const { context, shutdown } = assembly;
  const { clock, user } = context;
  const log = assembly.log.child({ part: "mesh" });
  if (places.stateUnusable !== undefined) throw new Error(places.stateUnusable);
  const folder = meshFolder(places.stateDirectory);
  ensureOwnDirectory({ path: folder, mode: 0o700, parent: "own" }, user.uid, "the mesh's state", "ROPEWALK_STATE_DIR");
  const { key, file, isNew } = meshIdentity(config.identity, ownIdentityFile(places.stateDirectory));
  const sequences = SequenceFile.open(join(folder, "sequences"), clock.wall());
  shutdown.register("clean-up", { name: "mesh sequences", run: () => sequences[Symbol.dispose]() });
  const made: { service?: MeshService } = {};
  const count = registerMeshMetrics(metrics, () => made.service?.status());
  const watch = new StoreWatch();
  const counts = registerMessageMetrics(metrics, () => made.service?.messages);
  const onEvent = (event: MeshEvent) => {
    recordMeshEvent(log, event);
    count(event);
    countStore(event, counts);
    watch.observe(event);
    if (made.service !== undefined) reportHealth(health, made.service);
  };
  const sockets = createLinuxPathSockets(native, { chance });
  const store = join(folder, "messages");
  const deps = { key, sequences, clock, chance, connectivity, measuredAt, sockets, onEvent, store };
  const service = await MeshService.start(config, deps);
  made.service = service;
  shutdown.register("draining", { name: "mesh", run: () => service.drain() });
  shutdown.register("persisting", {
    name: "mesh",
    deadline: seconds(2),
    run: async () => await service[Symbol.asyncDispose](),
  });
  const { address, listening } = service;
  log.info({ address, file, isNew, listening, sequences: sequences.start }, "the node is part of the mesh");
  reportHealth(health, service);
  const { messages } = service;
  if (messages !== undefined) {
    recordFoundStore(log, messages.found, store);
    messages.subscribe(counts.message);
    messages.subscribe(watchInbox(assembly.health.subsystem("inbox")));
    watch.begin(messages.found, assembly.health.subsystem("messages"));
  }
  return service;
}

function countStore(event: MeshEvent, counts: CountMessages): void {
  if (event.kind === "store") counts.store(event.event.kind);
  else if (event.kind === "store-died") counts.store("died");
}

function reportHealth(health: HealthReporter, service: MeshService): void {
  const { held, neighbours, named } = service.pulse;
  if (held !== undefined) health.report("degraded", `sequences cannot be set aside: ${held}`);
  else if (neighbours === 0 && named > 0)
    health.report("degraded", `none of the ${named} peers of the configuration can be reached`);
  else health.healthy();
}
