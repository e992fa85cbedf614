/**
 * Makes the program of an exit node: the exit, its control by entry, and around them what every daemon has. Nothing is torn down when it ends:
 * device and firewall carry on, and the next start takes them over.
 */
import type { CoreStatusDocument } from "@ropewalk/api/core";
import { createNative, type Native } from "@ropewalk/host/linux/native";
import type { Timer } from "@ropewalk/kernel/clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { listeningPlace } from "@ropewalk/ops/config-places";
import { createOperationsHandler } from "@ropewalk/ops/http-operations";
import type { RootLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import type { CommandContext } from "../../command-context.ts";
import { coreApi } from "../../local-api/core-api.ts";
import { type HttpPlace, startServers } from "../api-servers.ts";
import type { Assembly } from "../assembly.ts";
import { registerCertificateMetrics } from "../certificate-metrics.ts";
import { CertificateWatch } from "../certificate-watch.ts";
import { type ConfigurationSource, type DaemonOptions, startDaemon } from "../daemon.ts";
import { registerNodeMetrics } from "../node-metrics.ts";
import { claimCorePlaces } from "../places.ts";
import type { Stoppable } from "../until-stopped.ts";
import { ControlIdentity } from "./control-identity.ts";
import { serveControl } from "./control-parts.ts";
import { CoreEvents } from "./core-events.ts";
import { registerCoreMetrics } from "./core-metrics.ts";
import { CoreReaders } from "./core-readers.ts";
import { createCoreReloading } from "./core-reloading.ts";
import { type ExitParts, openExit } from "./exit-parts.ts";
import { requirePrivilege, requireSettings } from "./requirements.ts";

export interface RunningCore extends Stoppable {
  readonly log: RootLog;
  readonly socket: string;
  status(): CoreStatusDocument;
}

const deadlines = { draining: seconds(5), persisting: seconds(1), "clean-up": seconds(15) };

/** Resolves when the exit carries whom it did and its API answers. Throws AppError, OpsError, VpnError, WireGuardError or HostError; of the program nothing is left then. */
export function startCore(context: CommandContext, options: DaemonOptions): Promise<RunningCore> {
  const check = ({ values }: Assembly["config"]) => void requireSettings(values.core);
  return startDaemon(context, options, { name: "core", deadlines, check }, assemble);
}

async function assemble(assembly: Assembly, source: ConfigurationSource): Promise<RunningCore> {
  const { context, config, log, health, shutdown } = assembly;
  const { core } = config.values;
  const { endpoint, files } = requireSettings(core);
  const native = createNative();
  requirePrivilege(native);
  const { socket, folder } = claimCorePlaces(assembly);
  const metrics = createMetrics();
  const identity = new ControlIdentity(files, { clock: context.clock, log, health: health.subsystem("identity") });
  shutdown.register("clean-up", { name: "identity", run: () => identity[Symbol.dispose]() });
  const { hasFile, file } = source.configuration;
  const guarded = [files.certificate, files.key, ...files.authorities, ...(hasFile ? [file.path] : [])];
  const exit = await openExit(assembly, { native, folder, guarded });
  const control = await serveControl(assembly, { exit, endpoint, identity: identity.grpc });
  const parts = { context, core, endpoint, health, exit, entry: control.entry };
  const readers = new CoreReaders(parts);
  const events = new CoreEvents(context.clock, () => readers.status());
  shutdown.register("clean-up", { name: "event stream", run: () => events[Symbol.dispose]() });
  const drift = exit.node.watch(() => readers.heed());
  shutdown.register("draining", { name: "comparisons", run: () => drift[Symbol.dispose]() });
  tellChanges(assembly, exit, () => events.changed());
  registerCoreMetrics(metrics, { status: () => readers.status(), drift: () => readers.drift });
  await watchCertificates(assembly, metrics, files);
  const api = coreApi({
    ...{ status: () => readers.status(), peers: () => readers.peers(), reconcile: () => readers.reconcile() },
    ...{ stream: events.stream, operations: createOperationsHandler({ health, metrics }) },
    onDefect: (error) => log.error({ error }, "a request failed by a defect"),
  });
  const servers = await startServers(assembly, { api, native: native satisfies Native, socket, http: httpPlace(core) });
  registerNodeMetrics(metrics, { version: context.version, stream: events.stream, servers, log, health });
  const { read, levelOf } = source;
  const reload = createCoreReloading({
    ...{ current: config, read, levelOf, node: exit.node, readers, log },
    health: health.subsystem("configuration"),
  });
  const { peers } = exit.node.status().counts;
  // Since this process began: so long nobody could be placed.
  const sinceStartMs = Math.round(performance.now());
  log.info({ socket, control: control.port, peers, sinceStartMs, version: context.version }, "the exit runs");
  return {
    ...{ log, socket, status: () => readers.status() },
    reload: async () => {
      identity.readAgain();
      await reload();
    },
    stop: (reason) => shutdown.begin(reason),
  };
}

/** A turn of orders is a change, and there are hundreds a second. */
const heedEvery = millis(100);

/** What the exit finds wrong is its health; whoever shows its status hears of changes, of many at once. */
function tellChanges(
  { context: { clock }, health, shutdown }: Assembly,
  { node }: ExitParts,
  onChange: () => void,
): void {
  const reporter = health.subsystem("exit");
  let timer: Timer | undefined;
  const look = () => {
    timer = undefined;
    const { troubles } = node.status();
    if (troubles.length === 0) reporter.healthy();
    else reporter.report("degraded", troubles.join("; "));
    onChange();
  };
  const watch = node.watch(() => {
    timer ??= clock.after("status of an exit", heedEvery, look);
  });
  const end = () => {
    watch[Symbol.dispose]();
    timer?.[Symbol.dispose]();
  };
  shutdown.register("draining", { name: "status", run: end });
  look();
}

/** So that what runs out is told before it does. */
async function watchCertificates(
  { context: { clock }, log, health, shutdown }: Assembly,
  metrics: Parameters<typeof registerCertificateMetrics>[0],
  { certificate, authorities }: { readonly certificate: string; readonly authorities: readonly string[] },
): Promise<void> {
  const watch = new CertificateWatch({ clock, log: log.child({ part: "certificates" }), health, of: "control" });
  shutdown.register("clean-up", { name: "certificates", run: () => watch[Symbol.dispose]() });
  registerCertificateMetrics(metrics, () => watch.expiring);
  await watch.use({ certificate, authorities, revocationLists: [] });
}

function httpPlace({ http: { listen } }: CoreConfig): HttpPlace {
  const names = { key: "core.http.listen", elsewhere: "ROPEWALK_CORE_HTTP_LISTEN=127.0.0.1:7432" };
  if (listen === "off") return { at: undefined, ...names };
  const { address: host, port } = listeningPlace(listen);
  return { at: { host, port }, ...names };
}
