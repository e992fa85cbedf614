/**
 * Makes a daemon of the tunnel, of either role: the end itself, and around it what every daemon has. What the end tells goes to the
 * log, the metrics, the health and the event stream in the call in which it is told.
 */
import type { TunnelStatusDocument } from "@ropewalk/api/tunnel";
import type { TunnelEventDocument } from "@ropewalk/api/tunnel-events";
import { createNative, type Native } from "@ropewalk/host/linux/native";
import { seconds } from "@ropewalk/kernel/units";
import type { EventLog } from "@ropewalk/ops/event-log";
import type { HealthRegistry } from "@ropewalk/ops/health";
import { createOperationsHandler } from "@ropewalk/ops/http-operations";
import type { RootLog } from "@ropewalk/ops/log";
import { createMetrics, type Metrics } from "@ropewalk/ops/metrics";
import type { CommandContext } from "../../command-context.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { LocalApi } from "../../local-api/handler.ts";
import type { ReloadOutcome } from "../../local-api/reload-outcome.ts";
import { type TunnelApiDeps, tunnelApi } from "../../local-api/tunnel-api.ts";
import { eventDocument } from "../../local-api/tunnel-documents.ts";
import type { TunnelRole } from "../../paths.ts";
import { startServers } from "../api-servers.ts";
import type { Assembly } from "../assembly.ts";
import { watchCertificates } from "../certificates.ts";
import { type ConfigurationSource, type DaemonOptions, startDaemon } from "../daemon.ts";
import { registerNodeMetrics } from "../node-metrics.ts";
import { claimTunnelPlaces } from "../places.ts";
import type { OwnEnd, Stoppable } from "../until-stopped.ts";
import { ConfigWatch } from "./config-watch.ts";
import { drainEnd, drainWithin } from "./draining.ts";
import { createEndEvents, type EndEvents } from "./end-events.ts";
import { EndHealth } from "./end-health.ts";
import { registerEndMetrics } from "./end-metrics.ts";
import { type EndReaders, endReaders } from "./end-readers.ts";
import { createEndReloading } from "./end-reloading.ts";
import { recordEvent } from "./event-record.ts";
import { EventRelay } from "./event-relay.ts";
import { FloodGate } from "./flood-gate.ts";
import { httpPlace } from "./http-place.ts";
import { identityFiles } from "./identity-files.ts";
import { makeEnd } from "./made-end.ts";
import type { RunningEnd, StartEnd } from "./running-end.ts";

export interface TunnelOptions extends DaemonOptions {
  readonly startEnd: StartEnd;
}

export interface RunningTunnel extends Stoppable {
  readonly log: RootLog;
  readonly socket: string;
  readonly events: EventLog<TunnelEventDocument>;
  readonly ending: Promise<OwnEnd>;
  status(): TunnelStatusDocument;
  reload(): Promise<ReloadOutcome>;
}

/** What comes after the streams have had their time is short. */
const deadlines = { draining: seconds(31), persisting: seconds(1), "clean-up": seconds(10) };

/** Resolves when the end runs and the API answers, with a lane or without. Throws AppError, TunnelError or OpsError; nothing is left then. */
export function startTunnel(context: CommandContext, role: TunnelRole, options: TunnelOptions): Promise<RunningTunnel> {
  const kind = {
    name: `tunnel ${role}`,
    deadlines,
    check: ({ values }: Assembly["config"]) => void identityFiles(values.tunnel, role),
  };
  return startDaemon(context, options, kind, (assembly, source) =>
    assemble(assembly, { ...source, role, startEnd: options.startEnd }),
  );
}

interface TunnelOrigin extends ConfigurationSource {
  readonly role: TunnelRole;
  readonly startEnd: StartEnd;
}

/** An end, and what is told of it. */
interface Parts {
  readonly end: RunningEnd;
  readonly readers: EndReaders;
  readonly events: EndEvents;
  readonly health: Pick<HealthRegistry, "snapshot">;
  readonly ending: PromiseWithResolvers<OwnEnd>;
}

async function assemble(assembly: Assembly, origin: TunnelOrigin): Promise<RunningTunnel> {
  const { context, log, shutdown } = assembly;
  const native = createNative();
  const { socket, stateDirectory, stateUnusable } = claimTunnelPlaces(assembly, origin.role);
  if (stateUnusable !== undefined) log.warn({ reason: stateUnusable }, "nothing is kept over a restart");
  const metrics = createMetrics();
  const relay = new EventRelay();
  const end = await makeEnd(assembly, { ...origin, native, stateDirectory, onEvent: relay.tell });
  const parts = startTelling(assembly, end, relay, metrics);
  const { readers, events, ending } = parts;
  const reload = await startReloading(assembly, origin, end, metrics);
  const api = apiOf(assembly, parts, reload, metrics);
  await serve(assembly, { api, native, socket, events, metrics });
  log.info({ socket, role: origin.role, version: context.version }, "the tunnel runs");
  return {
    ...{ log, socket, reload },
    events: events.log,
    ending: ending.promise,
    status: readers.status,
    stop: (reason) => shutdown.begin(reason),
  };
}

function startTelling(assembly: Assembly, end: RunningEnd, relay: EventRelay, metrics: Metrics): Parts {
  const { context, log, health, shutdown } = assembly;
  const { clock } = context;
  const endHealth = new EndHealth(health, end.status().role, () => end.status());
  const known = lookingAt(health, endHealth);
  const readers = endReaders(context, known, end);
  const epoch = `${clock.wall().toString(36)}x${process.pid.toString(36)}`;
  const events = createEndEvents(clock, epoch, readers.status);
  shutdown.register("clean-up", { name: "event stream", run: () => events[Symbol.dispose]() });
  const parts: Parts = {
    ...{ end, readers, events, health: known },
    ending: Promise.withResolvers<OwnEnd>(),
  };
  const count = registerEndMetrics(metrics, end);
  const gate = new FloodGate(clock, (event) => {
    recordEvent(log, event);
    count(event);
    endHealth.heed(event);
    events.log.append({ at: clock.wall(), ...eventDocument(event) });
    if (event.kind === "failed") parts.ending.resolve({ reason: event.reason, code: exitCodes.failed });
  });
  relay.listen((event) => gate.tell(event));
  shutdown.register("clean-up", { name: "refusals", run: () => gate[Symbol.dispose]() });
  shutdown.register("draining", {
    name: "streams",
    run: () => {
      const drain = { kind: "draining", streams: end.streams().length, withinMs: drainWithin } as const;
      events.log.append({ at: clock.wall(), ...drain });
      return drainEnd(end, clock, log);
    },
  });
  return parts;
}

async function startReloading(
  assembly: Assembly,
  { role, configuration, read, levelOf }: TunnelOrigin,
  end: RunningEnd,
  metrics: Metrics,
): Promise<() => Promise<ReloadOutcome>> {
  const { context, config, log, health, shutdown } = assembly;
  const certificates = await watchCertificates(assembly, metrics);
  const reporter = health.subsystem("configuration");
  const parts = { end, certificates, health: reporter, log };
  const reload = createEndReloading({ current: config, role, read, levelOf, ...parts });
  const watch = new ConfigWatch(configuration.file.path, context.clock, () => void reload());
  shutdown.register("draining", { name: "configuration file", run: () => watch[Symbol.dispose]() });
  return reload;
}

function apiOf(assembly: Assembly, parts: Parts, reload: () => Promise<ReloadOutcome>, metrics: Metrics): LocalApi {
  const { log } = assembly;
  const { end, readers, events, ending } = parts;
  const acts: Pick<TunnelApiDeps, "refresh" | "drain"> = {
    refresh: () => {
      if (end.refresh === undefined)
        return { kind: "refused", reason: "only a source refreshes: it has the lane made" };
      end.refresh();
      return { kind: "done", document: { streams: end.streams().length, withinMs: null } };
    },
    drain: () => {
      ending.resolve({ reason: "it was told to drain", code: exitCodes.ok });
      return { kind: "done", document: { streams: end.streams().length, withinMs: drainWithin } };
    },
  };
  return tunnelApi({
    ...{ ...readers, ...acts, reload },
    stream: events.stream,
    operations: createOperationsHandler({ health: parts.health, metrics }),
    onDefect: (error) => log.error({ error }, "a request failed by a defect"),
  });
}

/** The registry, looked at anew for each reader: a lane is lost between two events too. */
function lookingAt(registry: HealthRegistry, health: EndHealth): Pick<HealthRegistry, "snapshot"> {
  return {
    snapshot: () => {
      health.look();
      return registry.snapshot();
    },
  };
}

interface ServedParts {
  readonly api: LocalApi;
  readonly native: Native;
  readonly socket: string;
  readonly events: EndEvents;
  readonly metrics: Metrics;
}

async function serve(assembly: Assembly, { api, native, socket, events, metrics }: ServedParts): Promise<void> {
  const { context, config, log, health } = assembly;
  const servers = await startServers(assembly, { api, native, socket, http: httpPlace(config.values.tunnel) });
  registerNodeMetrics(metrics, { version: context.version, stream: events.stream, servers, log, health });
}
