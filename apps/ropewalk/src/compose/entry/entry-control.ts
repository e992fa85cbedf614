/** Makes the control of the VPN, and the place where nodes tell it of themselves. */
import { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import type { Database } from "@ropewalk/entry/io/database";
import type { PresharedKeys } from "@ropewalk/entry/preshared-keys";
import { VpnControlService } from "@ropewalk/entry/vpn-control-service";
import { controlFor } from "@ropewalk/entry/vpn-control-settings";
import { describeError } from "@ropewalk/kernel/errors";
import { seconds } from "@ropewalk/kernel/units";
import { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import { GrpcServer } from "@ropewalk/ops/grpc-server";
import type { Metrics } from "@ropewalk/ops/metrics";
import type { Assembly } from "../assembly.ts";
import { chance } from "../chance.ts";
import { readIdentity } from "./pem-files.ts";
import { WatchedFiles } from "./watched-files.ts";

export interface EntryControl {
  readonly control: VpnControlService;
  /** Where nodes reach it; undefined: nowhere. */
  readonly port: number | undefined;
  /** Reads certificates again. */
  readonly readAgain: () => void;
}

export interface EntryControlParts {
  readonly database: Database;
  readonly presharedKeys: PresharedKeys;
  readonly metrics: Metrics;
}

/** Heartbeats of as many nodes at once. */
const mostCalls = 1024;
/** Nobody is reached with them, and nobody is let in: there is no server then. */
const nobody = { certificate: new Uint8Array(), key: new Uint8Array(), authorities: new Uint8Array() };

/** Throws AppError, OpsError and EntryError. */
export async function makeControl(assembly: Assembly, parts: EntryControlParts): Promise<EntryControl> {
  const { context, config, log, health, shutdown } = assembly;
  const { nodes, audit } = config.values.entry;
  const { listen, freshness, certificate, key, authorities } = nodes;
  const isServed = listen !== "off" && certificate !== undefined && key !== undefined;
  const read = () => (isServed ? readIdentity(certificate, key, authorities) : nobody);
  const identity = new GrpcIdentity(read());
  const { clock } = context;
  const control = await VpnControlService.start(
    { ...{ ...parts, identity, clock, chance, log }, health: health.subsystem("control") },
    { ...controlFor(freshness), auditRetention: audit.retention },
  );
  shutdown.register("persisting", { name: "control of the VPN", run: () => control[Symbol.asyncDispose]() });
  if (!isServed) return { control, port: undefined, readAgain: () => {} };
  const files = new WatchedFiles({
    ...{ clock, log, what: "entry's certificate towards nodes", paths: [certificate, key, ...authorities] },
    use: () => identity.replace(read()),
    health: health.subsystem("certificate for nodes"),
  });
  shutdown.register("clean-up", { name: "certificate for nodes", run: () => files[Symbol.dispose]() });
  const server = await GrpcServer.listen(RegistryService, control.registry, {
    ...{ listen, identity, clock, mostCalls },
    onDefect: (method, error) =>
      log.error({ method, reason: describeError(error) }, "a node's call failed by a defect"),
  });
  shutdown.register("draining", { name: "calls of nodes", run: () => server.stop(seconds(2)) });
  return { control, port: server.port, readAgain: () => files.useNow() };
}
