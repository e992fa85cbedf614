/** What the gates before production are reckoned from: the configuration as it is read, and entry as it runs. */
import type { ReadinessDocument } from "@ropewalk/api/entry";
import type { EntryConfig } from "@ropewalk/entry/config";
import type { Database } from "@ropewalk/entry/io/database";
import { vpnRole } from "@ropewalk/entry/pure/node-fitness";
import {
  type ConfiguredFacts,
  configuredGates,
  type LiveFacts,
  liveGates,
} from "@ropewalk/entry/pure/production-gates";
import type { VpnControl } from "@ropewalk/entry/vpn-control";
import { describeError } from "@ropewalk/kernel/errors";
import { AppError } from "../../errors.ts";
import { databaseKind, givenDatabase } from "./entry-database.ts";

/** Throws APP_CONFIG for an address of a database that is none. */
export function configuredFacts(config: EntryConfig): ConfiguredFacts {
  const { environment, http, admin, tokens, preshared, nodes } = config;
  const plain = http.trustedProxies.length > 0 ? "proxies" : "loopback";
  return {
    environment,
    database: databaseKind(givenDatabase(config)),
    http: http.certificate === undefined ? plain : "tls",
    adminKeys: admin.keys === undefined ? "own" : "given",
    tokenKeys: tokens.keys === undefined ? "own" : "given",
    presharedSecret: preshared.secret === undefined ? "own" : "given",
    nodes: nodes.listen === "off" ? "off" : "listening",
  };
}

/** Throws APP_CONFIG with every gate that fails. */
export function requireGates(config: EntryConfig): void {
  const failed = configuredGates(configuredFacts(config)).filter(({ state }) => state === "fails");
  if (failed.length === 0) return;
  const lines = failed.map(({ name, reason }) => `  ${name}: ${reason}`);
  throw new AppError(
    "APP_CONFIG",
    `entry.environment = "production", and this is not ready for it:\n${lines.join("\n")}`,
  );
}

export async function readiness(
  config: EntryConfig,
  database: Pick<Database, "version">,
  control: Pick<VpnControl, "nodes">,
): Promise<ReadinessDocument> {
  const live = await liveFacts(config, database, control);
  const gates = [...configuredGates(configuredFacts(config)), ...liveGates(live)];
  return { isReady: gates.every(({ state }) => state !== "fails"), gates };
}

async function liveFacts(
  { nodes: { freshness } }: EntryConfig,
  database: Pick<Database, "version">,
  control: Pick<VpnControl, "nodes">,
): Promise<LiveFacts> {
  try {
    await database.version();
    const nodes = await control.nodes();
    const open = nodes.filter(
      ({ roles, admission, isHealthy, heartbeatAge }) =>
        roles.includes(vpnRole) && admission === "open" && (isHealthy || heartbeatAge === undefined),
    );
    return { databaseFault: undefined, heartbeatAges: open.map(({ heartbeatAge }) => heartbeatAge), freshness };
  } catch (error) {
    return { databaseFault: describeError(error), heartbeatAges: [], freshness };
  }
}
