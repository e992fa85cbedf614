/** How entry and this exit speak with each other: entry's orders come in over gRPC, and heartbeats go out to it. */
import type { CoreEntryDocument } from "@ropewalk/api/core";
import { ExitService } from "@ropewalk/api/proto/vpn/exit";
import { formatHostPort, type HostPort } from "@ropewalk/kernel/host-port";
import { seconds } from "@ropewalk/kernel/units";
import { listeningPlace } from "@ropewalk/ops/config-places";
import type { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import { GrpcServer } from "@ropewalk/ops/grpc-server";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import { exitHandlers } from "@ropewalk/vpn/node/control-service";
import { Heartbeats } from "@ropewalk/vpn/node/heartbeats";
import type { ExitAbout } from "@ropewalk/vpn/node/status-message";
import type { Assembly } from "../assembly.ts";
import { EntryClients } from "./entry-clients.ts";
import type { ExitParts } from "./exit-parts.ts";
import { exitTableOf } from "./exit-table.ts";

export interface ControlOrigin {
  readonly exit: ExitParts;
  readonly endpoint: HostPort;
  readonly identity: GrpcIdentity;
}

export interface ControlParts {
  /** On which it listens. */
  readonly port: number;
  readonly entry: () => CoreEntryDocument;
}

/** Of all callers: entry's replicas call with many orders at once. */
const mostCalls = 256;

/** Both register their end: orders that are being carried out are answered first. Throws OPS_LISTEN. */
export async function serveControl(
  assembly: Assembly,
  { exit, endpoint, identity }: ControlOrigin,
): Promise<ControlParts> {
  const { context, config, log, shutdown } = assembly;
  const { core } = config.values;
  const { node, clock } = exit;
  const about = { version: context.version, endpoint: formatHostPort(endpoint), ...exitTableOf(core) };
  const { address, port: wanted } = listeningPlace(core.control.listen);
  // One that the system chooses is known when it listens.
  let port = wanted;
  const known: ExitAbout = {
    ...about,
    get controlAddress() {
      return controlAddress(core, port);
    },
  };
  const server = await GrpcServer.listen(
    ExitService,
    exitHandlers({ node, entryName: core.control.entryName, about: known, clock }),
    {
      ...{ listen: core.control.listen, identity, clock: context.clock, mostCalls },
      onDefect: (method, error) => log.error({ method, error }, "an order failed by a defect"),
    },
  );
  shutdown.register("draining", { name: "control", run: () => server.stop(seconds(2)) });
  port = server.port;
  log.info({ address, port, from: core.control.entryName }, "orders of entry are taken");
  return { port, entry: startHeartbeats(assembly, { exit, identity, about: known }) };
}

/** What entry is told to call: not an address that means every one. */
function controlAddress({ control, endpoint }: CoreConfig, port: number): string {
  if (control.advertise !== undefined) return formatHostPort(control.advertise);
  const { address } = listeningPlace(control.listen);
  const isAny = address === "0.0.0.0" || address === "::";
  return formatHostPort({ host: isAny && endpoint !== undefined ? endpoint.host : address, port });
}

interface BeatOrigin extends Pick<ControlOrigin, "exit" | "identity"> {
  readonly about: ExitAbout;
}

function startHeartbeats(
  { context, config, log, health, shutdown }: Assembly,
  { exit, identity, about }: BeatOrigin,
): () => CoreEntryDocument {
  const { core } = config.values;
  const reporter = health.subsystem("entry");
  if (core.entry.addresses.length === 0) {
    reporter.report("degraded", "no entry is configured (core.entry.addresses): nobody is placed here");
    return () => ({ address: null, heardAt: null, fault: null, isAdmitted: null });
  }
  const clients = new EntryClients(core, identity, () => context.clock.wall());
  shutdown.register("clean-up", { name: "entry", run: () => clients[Symbol.dispose]() });
  const beats = new Heartbeats({
    ...{ node: exit.node, registry: clients, about, clock: exit.clock, chance: Math.random },
    ...{ health: reporter, log: log.child({ part: "entry" }) },
  });
  shutdown.register("draining", { name: "heartbeats", run: () => beats[Symbol.asyncDispose]() });
  return () => {
    const { entry } = beats;
    return {
      ...{ address: clients.address, heardAt: clients.heardAt ?? null },
      fault: entry.kind === "away" ? entry.why : null,
      isAdmitted: entry.kind === "reached" ? entry.isAdmitted : null,
    };
  };
}
