/** Entry's HTTP on a database of its own, with the control in memory; asked over a real connection. */
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import type { CustomerDocument, TokenDocument } from "@ropewalk/api/entry";
import type { EntryProblemDocument } from "@ropewalk/api/entry-problem";
import { allRoutes } from "@ropewalk/entry/http/all-routes";
import { ChangeAnswers } from "@ropewalk/entry/http/change-answers";
import { CustomerTokens } from "@ropewalk/entry/http/customer-tokens";
import { EntryHttp, type EntryHttpOptions } from "@ropewalk/entry/http/entry-http";
import { createHttpMetrics } from "@ropewalk/entry/http/http-metrics";
import { describeRoutes } from "@ropewalk/entry/http/openapi";
import { AdminKeys } from "@ropewalk/entry/http/policy";
import { ChangeClaims } from "@ropewalk/entry/io/change-claims";
import { Customers } from "@ropewalk/entry/io/customers";
import type { Database } from "@ropewalk/entry/io/database";
import { Devices } from "@ropewalk/entry/io/devices";
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import type { OwnServer } from "@ropewalk/entry/io/own-server/own-server";
import { PresharedKeys } from "@ropewalk/entry/preshared-keys";
import { readTokenKeys } from "@ropewalk/entry/pure/http/token-keys";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { millis, seconds } from "@ropewalk/kernel/units";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createMetrics } from "@ropewalk/ops/metrics";
import { clock, freshDatabase } from "../system/server-place.ts";
import { MemoryControl } from "./memory-control.ts";

export const adminKey: string = randomBytes(32).toString("base64url");

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into what it expects
  readonly body: any;
}

export interface AskOptions {
  readonly as?: string;
  readonly key?: string | undefined;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpPlace extends AsyncDisposable {
  readonly http: EntryHttp;
  readonly control: MemoryControl;
  readonly database: Database;
  readonly tokens: CustomerTokens;
  readonly url: string;
  /** What went to the log as a defect. */
  readonly defects: unknown[];
  ask(method: string, path: string, options?: AskOptions): Promise<Asked>;
  /** A customer with a token. */
  customer(): Promise<{ readonly id: string; readonly token: string }>;
}

export const newKey = (): string => randomBytes(24).toString("base64url");
export const newPublicKey = (): string => {
  const octets = randomBytes(32);
  octets[31] = (octets[31] as number) & 0x7f;
  return octets.toString("base64");
};

export const tokenTerms = { lifetime: seconds(900), issuer: "ropewalk-entry", audience: "ropewalk-entry" };

export function tokenKeys(ids: readonly string[], secrets: ReadonlyMap<string, string>, active = ids[0]) {
  const read = readTokenKeys(ids.map((id) => `${id}:${secrets.get(id)}`).join(","), active);
  assert.ok(read.kind === "keys");
  return read.keys;
}

export async function httpPlace(
  server: Pick<OwnServer, "settings">,
  options: Partial<EntryHttpOptions> & { readonly claimForMs?: number; readonly database?: Database } = {},
): Promise<HttpPlace> {
  const { database } = options.database === undefined ? await freshDatabase(server) : { database: options.database };
  await migrate(database, await readMigrations());
  const secrets = new Map([["a", randomBytes(32).toString("base64url")]]);
  const tokens = new CustomerTokens(tokenKeys(["a"], secrets), tokenTerms, { clock });
  const control = new MemoryControl();
  const metrics = createMetrics();
  const health = new HealthRegistry({ clock });
  health.subsystem("entry").healthy();
  const defects: unknown[] = [];
  const log = {
    error: ({ error }: { readonly error?: unknown }) => void defects.push(error),
    warn: () => {},
  };
  const routes = allRoutes({
    ...{ control, tokens, database, health, metrics },
    customers: new Customers(database),
    devices: new Devices(database),
    presharedKeys: new PresharedKeys(new SecretBytes(new Uint8Array(randomBytes(32)))),
    freshness: seconds(60),
    readiness: async () => ({ isReady: true, gates: [] }),
    description: () => describeRoutes(allRoutes({} as never)),
  });
  const claims = new ChangeClaims(database, { claimFor: millis(options.claimForMs ?? 30_000) });
  const randomness = { randomBytes: (length: number) => Uint8Array.from(randomBytes(length)), randomUuid: randomUUID };
  const changes = new ChangeAnswers({ claims, log, ...randomness });
  const authority = { tokens, admins: new AdminKeys([adminKey]) };
  const deps = { clock, log, authority, changes, metrics: createHttpMetrics(metrics) } as const;
  const usual = { trustedProxies: [], certificate: undefined, proxiesOnly: false };
  const http = await EntryHttp.create(routes, deps, { ...usual, ...options });
  const { port } = await http.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const ask = (method: string, path: string, asked: AskOptions = {}) => askAt(url, method, path, asked);
  return {
    ...{ http, control, database, tokens, url, defects, ask },
    customer: () => customerWithToken(ask),
    [Symbol.asyncDispose]: async () => {
      await http[Symbol.asyncDispose]();
      if (options.database === undefined) await database[Symbol.asyncDispose]();
    },
  };
}

export async function askAt(
  url: string,
  method: string,
  path: string,
  { as, key, json, headers = {} }: AskOptions,
): Promise<Asked> {
  const isChange = method !== "GET";
  const sent = {
    ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
    ...(isChange ? { "idempotency-key": key ?? newKey() } : {}),
    ...(json === undefined ? {} : { "content-type": "application/json" }),
    ...headers,
  };
  const body = json === undefined ? {} : { body: typeof json === "string" ? json : JSON.stringify(json) };
  const response = await fetch(`${url}${path}`, {
    method,
    headers: sent,
    ...body,
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

async function customerWithToken(ask: HttpPlace["ask"]) {
  const { body: customer } = (await ask("POST", "/v1/admin/customers", { as: adminKey })) as { body: CustomerDocument };
  const asked = await ask("POST", `/v1/admin/customers/${customer.id}/tokens`, { as: adminKey, json: {} });
  return { id: customer.id, token: (asked.body as TokenDocument).token };
}

export function assertProblem({ status, body, headers }: Asked, code: EntryProblemDocument["code"]): void {
  assert.equal((body as EntryProblemDocument).code, code, JSON.stringify(body));
  assert.equal((body as EntryProblemDocument).status, status);
  assert.match(headers.get("content-type") ?? "", /^application\/problem\+json/);
}
