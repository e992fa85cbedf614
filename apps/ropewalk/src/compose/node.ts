/**
 * Makes a node: the only place where its real parts come to be and are joined. Whatever is made registers its own end with
 * the shutdown, so that a start that fails half way unwinds exactly like a stop.
 */
import type { NodeEvent } from "@ropewalk/api/events";
import { type NodeStatus, statusSchemaNumber } from "@ropewalk/api/http";
import type { BackhaulService } from "@ropewalk/backhaul/service";
import { createNative } from "@ropewalk/host/linux/native";
import { seconds } from "@ropewalk/kernel/units";
import type { EventLog } from "@ropewalk/ops/event-log";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createOperationsHandler } from "@ropewalk/ops/http-operations";
import { createLog, type LogDestination, type LogLevel, type RootLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { Shutdown, type ShutdownReport } from "@ropewalk/ops/shutdown";
import type { CommandContext } from "../command-context.ts";
import { type ReadConfiguration, readConfiguration, requireConfiguration } from "../configuration.ts";
import type { ApiDeps } from "../local-api/handler.ts";
import type { ReloadOutcome } from "../local-api/reload-outcome.ts";
import { backhaulDocument } from "../local-api/status-document.ts";
import { groupNumber } from "../machine/unix-socket.ts";
import { httpUrl, startHttpServer, startSocketServer } from "./api-servers.ts";
import { startBackhaul } from "./backhaul.ts";
import { createNodeEvents } from "./node-events.ts";
import { registerNodeMetrics } from "./node-metrics.ts";
import { type ClaimedPlaces, claimPlaces } from "./places.ts";
import { createReloading } from "./reloading.ts";

export interface NodeOptions {
  /** --config. */
  readonly configFile: string | undefined;
  readonly log: {
    readonly destination: LogDestination;
    readonly format: (configured: "auto" | "json" | "text") => "json" | "text";
    readonly level: (configured: LogLevel) => LogLevel;
  };
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

export interface NodePlaces {
  readonly socket: string;
  readonly http: string | undefined;
  readonly configFile: string;
  readonly hasConfigFile: boolean;
  readonly stateDirectory: string;
}

/** Resolves when the picture is complete and the API answers. Throws AppError, HostError or OpsError; nothing is left then. */
export async function startNode(context: CommandContext, options: NodeOptions): Promise<RunningNode> {
  const { clock } = context;
  const read = () => readConfiguration(context, options.configFile);
  const configuration = read();
  const { values } = requireConfiguration(configuration);
  const log = createLog({
    level: options.log.level(values.log.level),
    format: options.log.format(values.log.format),
    destination: options.log.destination,
    clock,
  });
  const health = new HealthRegistry({ clock });
  const running = health.subsystem("node");
  const shutdown = new Shutdown({
    clock,
    onState: (state, reason) => {
      if (state === "draining") running.report("draining", reason);
      log.info({ state, reason }, "stopping");
    },
  });
  try {
    const node = await assemble({ context, configuration, read, log, health, shutdown });
    running.healthy();
    return node;
  } catch (error) {
    await shutdown.begin("the start failed");
    throw error;
  }
}

export interface Assembly {
  readonly context: CommandContext;
  readonly configuration: ReadConfiguration;
  readonly read: () => ReadConfiguration;
  readonly log: RootLog;
  readonly health: HealthRegistry;
  readonly shutdown: Shutdown;
}

async function assemble(assembly: Assembly): Promise<RunningNode> {
  const { context, configuration, read, log, health, shutdown } = assembly;
  const { clock } = context;
  const loaded = requireConfiguration(configuration);
  const native = createNative();
  const places = await claimPlaces(assembly, native);
  const metrics = createMetrics();
  const backhaul = await startBackhaul(assembly, { native, metrics, places });
  const status = statusReader(context, health, backhaul);
  const events = createNodeEvents({ clock, monotonicMs, epoch: epochOf(context), status });
  backhaul.subscribe((event) => events.publish(event));
  shutdown.register("clean-up", { name: "event stream", run: () => events[Symbol.dispose]() });

  const reload = createReloading({ current: loaded, read, backhaul, health: health.subsystem("configuration"), log });
  const api: ApiDeps = {
    status,
    uplink: (id) => status().backhaul.uplinks.find((uplink) => uplink.id === id),
    stream: events.stream,
    operations: createOperationsHandler({ health, metrics }),
    onDefect: (error) => log.error({ error }, "a request failed by a defect"),
  };
  const servers = await startServers(assembly, { api, native, places, reload });
  registerNodeMetrics(metrics, { version: context.version, stream: events.stream, servers, log, health });
  log.info({ socket: places.socket, version: context.version }, "the node runs");
  return {
    places: {
      socket: places.socket,
      http: httpUrl(loaded.values.node.http),
      configFile: configuration.file.path,
      hasConfigFile: configuration.hasFile,
      stateDirectory: places.stateDirectory,
    },
    events: events.log,
    log,
    status,
    reload,
    stop: (reason) => shutdown.begin(reason),
  };
}

interface ServerParts {
  readonly api: ApiDeps;
  readonly native: ReturnType<typeof createNative>;
  readonly places: ClaimedPlaces;
  readonly reload: () => Promise<ReloadOutcome>;
}

async function startServers(
  { context, configuration, shutdown }: Assembly,
  { api, native, places, reload }: ServerParts,
) {
  const { clock } = context;
  const { node } = requireConfiguration(configuration).values;
  const group = node.socketGroup === undefined ? undefined : groupNumber(node.socketGroup);
  const owner = { uid: context.user.uid, group };
  const http = await startHttpServer(api, node.http, clock);
  if (http !== undefined) shutdown.register("clean-up", { name: "HTTP server", run: () => http.close(seconds(1)) });
  const socket = await startSocketServer(api, { path: places.socket, owner, native, clock, reload });
  shutdown.register("clean-up", { name: "socket server", run: () => socket.close(seconds(1)) });
  return http === undefined ? { socket } : { socket, http };
}

function statusReader(context: CommandContext, health: HealthRegistry, backhaul: BackhaulService): () => NodeStatus {
  const { clock, version } = context;
  const startedAt = new Date(clock.wall()).toISOString();
  return () => ({
    schema: statusSchemaNumber,
    version,
    pid: process.pid,
    startedAt,
    at: new Date(clock.wall()).toISOString(),
    health: health.snapshot(),
    backhaul: backhaulDocument(backhaul.status()),
  });
}

/** Distinct for each run on this machine: when it started, and as which process. */
function epochOf({ clock }: CommandContext): string {
  return `${clock.wall().toString(36)}x${process.pid.toString(36)}`;
}

/** `hrtime` is CLOCK_MONOTONIC, whose zero is the same for all processes of a machine; `Clock` starts at its own. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
