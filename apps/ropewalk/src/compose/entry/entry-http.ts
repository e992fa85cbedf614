/** Makes entry's HTTP: the routes on what they ask, the keys of who may, and the certificate that it shows. */
import { randomBytes, randomUUID } from "node:crypto";
import type { ReadinessDocument } from "@ropewalk/api/entry";
import { allRoutes, type RouteDeps } from "@ropewalk/entry/http/all-routes";
import { ChangeAnswers } from "@ropewalk/entry/http/change-answers";
import { CustomerTokens } from "@ropewalk/entry/http/customer-tokens";
import { EntryHttp } from "@ropewalk/entry/http/entry-http";
import { createHttpMetrics } from "@ropewalk/entry/http/http-metrics";
import { AdminKeys } from "@ropewalk/entry/http/policy";
import { ChangeClaims } from "@ropewalk/entry/io/change-claims";
import { Customers } from "@ropewalk/entry/io/customers";
import type { Database } from "@ropewalk/entry/io/database";
import type { Devices } from "@ropewalk/entry/io/devices";
import type { VpnControl } from "@ropewalk/entry/vpn-control";
import { isLoopback } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import { listeningPlace } from "@ropewalk/ops/config-places";
import type { Metrics } from "@ropewalk/ops/metrics";
import type { Assembly } from "../assembly.ts";
import type { EntrySecrets } from "./entry-secrets.ts";
import { readCertificate } from "./pem-files.ts";
import { WatchedFiles } from "./watched-files.ts";

export interface EntryHttpParts {
  readonly control: VpnControl;
  readonly database: Database;
  readonly devices: Devices;
  readonly secrets: EntrySecrets;
  readonly metrics: Metrics;
  readonly readiness: () => Promise<ReadinessDocument>;
}

export interface ServedHttp {
  readonly url: string;
  readonly readAgain: () => void;
}

/** Throws APP_CONFIG, OPS_FILE_* and ENTRY_LISTEN. */
export async function serveHttp(assembly: Assembly, parts: EntryHttpParts): Promise<ServedHttp> {
  const { context, config, log, health, shutdown } = assembly;
  const { http: configured, tokens: terms, nodes } = config.values.entry;
  const { clock } = context;
  const { control, database, devices, secrets, metrics } = parts;
  const { certificate: file, key } = configured;
  const hasTls = file !== undefined && key !== undefined;
  const { address: host, port } = listeningPlace(configured.listen);
  const tokens = new CustomerTokens(secrets.tokenKeys, terms, { clock });
  const routes = allRoutes({
    ...{ control, database, devices, tokens, health, metrics, readiness: parts.readiness, freshness: nodes.freshness },
    customers: new Customers(database),
    presharedKeys: secrets.presharedKeys,
    description: describe,
  });
  const claims = new ChangeClaims(database);
  const draw = { randomBytes: (length: number) => new Uint8Array(randomBytes(length)), randomUuid: randomUUID };
  const http = await EntryHttp.create(
    routes,
    {
      ...{ clock, log, metrics: createHttpMetrics(metrics) },
      authority: { tokens, admins: new AdminKeys(secrets.adminKeys) },
      changes: new ChangeAnswers({ claims, log, ...draw }),
    },
    {
      trustedProxies: configured.trustedProxies,
      limits: configured,
      certificate: hasTls ? readCertificate(file, key) : undefined,
      proxiesOnly: !hasTls && !isLoopback(host),
    },
  );
  shutdown.register("draining", { name: "HTTP", run: () => http.close(seconds(4)) });
  const served = await http.listen({ host, port });
  const shown = host.includes(":") ? `[${host}]` : host;
  const url = `${hasTls ? "https" : "http"}://${shown}:${served.port}`;
  if (!hasTls) return { url, readAgain: () => {} };
  const files = new WatchedFiles({
    ...{ clock, log, what: "the certificate of entry's HTTP", paths: [file, key] },
    use: () => http.replaceCertificate(readCertificate(file, key)),
    health: health.subsystem("certificate for HTTP"),
  });
  shutdown.register("clean-up", { name: "certificate for HTTP", run: () => files[Symbol.dispose]() });
  return { url, readAgain: () => files.useNow() };
}

let described: Promise<string> | undefined;

/** What writes it is slow to load, and few ask. The routes are described by what they say of themselves, and none is run. */
function describe(): Promise<string> {
  described ??= import("@ropewalk/entry/http/openapi").then(({ describeRoutes }) =>
    describeRoutes(allRoutes({} as RouteDeps)),
  );
  return described;
}
