/** A replica of entry as customers and nodes reach it: its control of the VPN behind HTTP with tokens and idempotency keys, and behind gRPC. */
import { randomBytes, randomUUID } from "node:crypto";
import { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { ChangeAnswers } from "@ropewalk/entry/http/change-answers";
import { CustomerTokens } from "@ropewalk/entry/http/customer-tokens";
import { EntryHttp } from "@ropewalk/entry/http/entry-http";
import { createHttpMetrics } from "@ropewalk/entry/http/http-metrics";
import { AdminKeys } from "@ropewalk/entry/http/policy";
import { customerRoutes } from "@ropewalk/entry/http/routes/customer-routes";
import { ChangeClaims } from "@ropewalk/entry/io/change-claims";
import { Database } from "@ropewalk/entry/io/database";
import { Devices } from "@ropewalk/entry/io/devices";
import type { DatabaseSettings } from "@ropewalk/entry/pure/database-settings";
import { readTokenKeys } from "@ropewalk/entry/pure/http/token-keys";
import { VpnControlService } from "@ropewalk/entry/vpn-control-service";
import type { VpnControlSettings } from "@ropewalk/entry/vpn-control-settings";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import { GrpcServer } from "@ropewalk/ops/grpc-server";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createMetrics } from "@ropewalk/ops/metrics";
import { presharedKeys } from "../preshared-keys.ts";

export interface ReplicaTerms {
  readonly settings: DatabaseSettings;
  readonly terms: VpnControlSettings;
  /** In base64. */
  readonly files: { readonly certificate: string; readonly key: string; readonly authorities: string };
  readonly tokenSecret: string;
  readonly ports: { readonly http: number; readonly nodes: number };
}

const clock = createSystemClock();
/** An answer is waited for this long; nobody takes a change over before, as with the usual limits. */
const [answerWithin, claimFor] = [seconds(6), seconds(9)];
const many = 1_000_000;

export function tokensOf(secret: string): CustomerTokens {
  const read = readTokenKeys(`history:${secret}`, "history");
  if (read.kind !== "keys") throw new Error("that is a strong secret");
  return new CustomerTokens(
    read.keys,
    { lifetime: seconds(86_400), issuer: "ropewalk-entry", audience: "ropewalk-entry" },
    { clock },
  );
}

/** On these ports; with another control than the product's, where one is given. */
export async function serveReplica(given: ReplicaTerms, Control = VpnControlService): Promise<AsyncDisposable> {
  const { settings, terms, files, tokenSecret, ports } = given;
  const stack = new AsyncDisposableStack();
  const octets = (text: string) => Buffer.from(text, "base64");
  const identity = new GrpcIdentity({
    ...{ certificate: octets(files.certificate), key: octets(files.key), authorities: octets(files.authorities) },
  });
  const log = { info: () => {}, warn: () => {}, error: (fields: object) => console.error("a defect", fields) };
  const deps = { clock, chance: Math.random };
  const database = stack.use(new Database(settings, deps));
  const metrics = createMetrics();
  const health = new HealthRegistry({ clock }).subsystem("vpn control");
  const control = stack.use(
    await Control.start({ ...deps, database, identity, presharedKeys, log, health, metrics }, terms),
  );
  const listen = `127.0.0.1:${ports.nodes}`;
  const onDefect = (method: string, error: unknown) => console.error("a defect", method, error);
  stack.use(
    await GrpcServer.listen(RegistryService, control.registry, { listen, identity, clock, mostCalls: 64, onDefect }),
  );
  const draw = { randomBytes: (length: number) => new Uint8Array(randomBytes(length)), randomUuid: randomUUID };
  const claims = new ChangeClaims(database, { claimFor });
  const authority = { tokens: tokensOf(tokenSecret), admins: new AdminKeys([]) };
  const http = stack.use(
    await EntryHttp.create(
      customerRoutes({ control, presharedKeys, devices: new Devices(database) }),
      {
        ...{ clock, log, authority, metrics: createHttpMetrics(metrics) },
        changes: new ChangeAnswers({ claims, log, ...draw }),
      },
      {
        ...{ trustedProxies: [], certificate: undefined, proxiesOnly: false },
        limits: { answerWithin, networkRate: many, networkBurst: many, customerRate: many, customerBurst: many },
      },
    ),
  );
  await http.listen({ host: "127.0.0.1", port: ports.http });
  return stack;
}
