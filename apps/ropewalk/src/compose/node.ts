/**
 * Makes a node: the only place where its real parts come to be and are joined. Whatever is made registers its own end with
 * the shutdown, so that a start that fails half way unwinds exactly like a stop.
 */
import type { NodeEvent } from "@ropewalk/api/events";
import { type NodeStatus, statusSchemaNumber } from "@ropewalk/api/http";
import type { OrderVerb } from "@ropewalk/api/steering";
import type { OperatorOrder } from "@ropewalk/backhaul/pure/orders";
import { createNative } from "@ropewalk/host/linux/native";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { MeshService } from "@ropewalk/mesh/service";
import type { EventLog } from "@ropewalk/ops/event-log";
import type { HealthRegistry } from "@ropewalk/ops/health";
import { createOperationsHandler } from "@ropewalk/ops/http-operations";
import type { RootLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import type { ShutdownReport } from "@ropewalk/ops/shutdown";
import type { CommandContext } from "../command-context.ts";
import { explanationDocument } from "../local-api/explanation-document.ts";
import { meshSummary } from "../local-api/mesh-documents.ts";
import { nodeApi } from "../local-api/node-api.ts";
import { planDocument } from "../local-api/plan-document.ts";
import type { ReloadOutcome } from "../local-api/reload-outcome.ts";
import { backhaulDocument, decisionsDocument } from "../local-api/status-document.ts";
import { steeringAct, steeringDocument } from "../local-api/steering-document.ts";
import { httpUrl, parseLoopback } from "../node-config.ts";
import type { Assembly } from "./assembly.ts";
import { type RunningBackhaul, startBackhaul } from "./backhaul.ts";
import { watchCertificates } from "./certificates.ts";
import { type ConfigurationSource, type DaemonOptions, startDaemon } from "./daemon.ts";
import { openHands } from "./hands.ts";
import type { MeshParts } from "./mesh/start-mesh.ts";
import { createNodeEvents, type NodeEvents } from "./node-events.ts";
import { registerNodeMetrics } from "./node-metrics.ts";
import { claimPlaces } from "./places.ts";
import { createReloading } from "./reloading.ts";

export interface NodeOptions extends DaemonOptions {
  /** What changes the machine; default is what changes the kernel that this runs on. */
  readonly openHands?: typeof openHands;
}

export interface RunningNode {
  readonly places: NodePlaces;
  readonly events: EventLog<NodeEvent>;
  readonly log: RootLog;
  status(): NodeStatus;
  /** Reads the configuration again; never rejects. */
  reload(): Promise<ReloadOutcome>;
  /** Stops in phases, each with a deadline; never rejects. */
  stop(reason: string): Promise<ShutdownReport>;
}

interface NodePlaces {
  readonly socket: string;
  readonly http: string | undefined;
  readonly configFile: string;
  readonly hasConfigFile: boolean;
  readonly stateDirectory: string;
}

/** Resolves when the picture is complete and the API answers. Throws AppError, HostError or OpsError; nothing is left then. */
export function startNode(context: CommandContext, options: NodeOptions): Promise<RunningNode> {
  return startDaemon(context, options, { name: "node" }, (assembly, source) =>
    assemble(assembly, { ...source, open: options.openHands ?? openHands }),
  );
}

interface NodeSource extends ConfigurationSource {
  readonly open: typeof openHands;
}

async function assemble(assembly: Assembly, source: NodeSource): Promise<RunningNode> {
  const { config, context, log, health, shutdown } = assembly;
  const native = createNative();
  const places = await claimPlaces(assembly, native);
  const metrics = createMetrics();
  const running = await startBackhaul(assembly, {
    native,
    metrics,
    places,
    openHands: source.open,
  });
  const { backhaul, steering, measuredAt } = running;
  const mesh = await joinMesh(assembly, { native, metrics, places, connectivity: backhaul.connectivity, measuredAt });
  const status = statusReader(context, health, running, mesh);
  const epoch = epochOf(context);
  const events = startEvents(assembly, running, { status, epoch });
  const messageStream = await streamMessages(assembly, mesh, epoch);
  const { read, levelOf, configuration } = source;
  const reloaderHealth = health.subsystem("configuration");
  const certificates = await watchCertificates(assembly, metrics);
  const parts = { ...running, mesh, certificates, health: reloaderHealth, log };
  const reload = createReloading({ current: config, read, levelOf, ...parts });
  const wheel = () => steeringDocument(steering.status);
  const api = nodeApi({
    status,
    uplink: (id) => status().backhaul.uplinks.find((uplink) => uplink.id === id),
    explanation: () => explanationDocument(backhaul.explain(), backhaul.status(), wheel(), wallTime(context)),
    plan: () => planDocument(steering.plan(), backhaul.status(), wheel(), wallTime(context)),
    reload,
    mesh,
    steer: async (verb) => {
      const outcome = await steering[verb]();
      return outcome.kind === "refused" ? outcome : { kind: "done", document: wheel() };
    },
    order: (kind, id) => {
      const outcome = backhaul.order(orderOf(kind, id));
      if (outcome.kind === "refused") return outcome;
      return { kind: "done", document: decisionsDocument(backhaul.status().decisions) };
    },
    ...{ stream: events.stream, messageStream },
    operations: createOperationsHandler({ health, metrics }),
    onDefect: (error) => log.error({ error }, "a request failed by a defect"),
  });
  // Whoever asks can wait until this is loaded: traffic and the mesh are seen to.
  const { startServers } = await import("./api-servers.ts");
  const servers = await startServers(assembly, {
    ...{ api, native, socket: places.socket },
    http: {
      at: parseLoopback(config.values.node.http),
      key: "node.http",
      elsewhere: "ROPEWALK_NODE_HTTP=127.0.0.1:7411",
    },
  });
  registerNodeMetrics(metrics, { version: context.version, stream: events.stream, servers, log, health });
  log.info({ socket: places.socket, version: context.version }, "the node runs");
  return {
    places: {
      ...places,
      http: httpUrl(config.values.node.http),
      configFile: configuration.file.path,
      hasConfigFile: configuration.hasFile,
    },
    events: events.log,
    log,
    status,
    reload,
    stop: (reason) => shutdown.begin(reason),
  };
}

/** Undefined where it is to be part of none, whose code then is not loaded. */
async function joinMesh(assembly: Assembly, parts: MeshParts): Promise<MeshService | undefined> {
  const { mesh } = assembly.config.values;
  if (mesh === undefined) return undefined;
  const { startMesh } = await import("./mesh/start-mesh.ts");
  return await startMesh(assembly, mesh, parts);
}

/** Undefined where there are no messages. */
async function streamMessages(assembly: Assembly, mesh: MeshService | undefined, epoch: string) {
  if (mesh?.messages === undefined) return undefined;
  const { createMessageEvents } = await import("./mesh/message-events.ts");
  const stream = createMessageEvents(mesh.messages, { clock: assembly.context.clock, epoch });
  assembly.shutdown.register("clean-up", { name: "message stream", run: () => stream[Symbol.dispose]() });
  return stream;
}

/** Distinct for each run on this machine: when it started, and as which process. */
function epochOf({ clock }: CommandContext): string {
  return `${clock.wall().toString(36)}x${process.pid.toString(36)}`;
}

function startEvents(
  { context, shutdown }: Assembly,
  running: RunningBackhaul,
  { status, epoch }: { readonly status: () => NodeStatus; readonly epoch: string },
): NodeEvents {
  const { clock } = context;
  const events = createNodeEvents({ clock, monotonicMs, epoch, status });
  const { backhaul, steering } = running;
  backhaul.subscribe((event) => events.publish(event));
  steering.subscribe((event) => events.publishSteering(steeringAct(event, steering.status), event.at));
  shutdown.register("clean-up", { name: "event stream", run: () => events[Symbol.dispose]() });
  return events;
}

function statusReader(
  context: CommandContext,
  health: HealthRegistry,
  running: RunningBackhaul,
  mesh: MeshService | undefined,
): () => NodeStatus {
  const { version } = context;
  const startedAt = wallTime(context);
  return () => ({
    schema: statusSchemaNumber,
    version,
    pid: process.pid,
    startedAt,
    at: wallTime(context),
    health: health.snapshot(),
    backhaul: backhaulDocument(running.backhaul.status(), steeringDocument(running.steering.status)),
    ...(mesh === undefined ? {} : { mesh: meshSummary(mesh.status()) }),
  });
}

/** Only a release may be of all. */
function orderOf(kind: OrderVerb, id: string | undefined): OperatorOrder {
  const uplinkId = id as UplinkId | undefined;
  return kind === "release" || uplinkId === undefined ? { kind: "release", uplinkId } : { kind, uplinkId };
}

function wallTime({ clock }: CommandContext): string {
  return new Date(clock.wall()).toISOString();
}

/** `hrtime` is CLOCK_MONOTONIC, whose zero is the same for all processes of a machine; `Clock` starts at its own. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
