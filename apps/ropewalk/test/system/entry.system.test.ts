/** `ropewalk entry` as a real program with a database of its own: its starts and its end, its keys, backups, and what it refuses. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { TestAuthority } from "../../../../packages/ops/test/grpc/certificates.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { testedProgram } from "../tested-program.ts";

/** A user that is not root, who owns nothing. */
const nobody = { uid: 65_534, gid: 65_534 };
const limit = 60_000;

type Environment = Readonly<Record<string, string>>;

interface EntryFolder extends Disposable {
  readonly root: string;
  readonly key: () => string;
  readonly environment: (more?: Environment) => Environment;
}

/** `mode`: of the home that all of it is in. */
function entryFolder(mode: number, port: number): EntryFolder {
  const root = mkdtempSync(join(tmpdir(), "entry-program-"));
  chmodSync(root, mode);
  const state = join(root, "state");
  return {
    root,
    key: () => readFileSync(join(state, "entry/admin-key"), "utf8").trim(),
    environment: (more = {}) => ({
      PATH: process.env["PATH"] ?? "",
      HOME: root,
      ROPEWALK_STATE_DIR: state,
      ROPEWALK_RUNTIME_DIR: join(root, "run"),
      CACHE_DIRECTORY: join(root, "cache"),
      ROPEWALK_ENTRY_HTTP_LISTEN: `127.0.0.1:${port}`,
      ...more,
    }),
    [Symbol.dispose]: () => {
      removeDataElsewhere(join(state, "entry/database"));
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Root's data are in a folder of their own, where the database's user cannot get into the home. */
function removeDataElsewhere(database: string): void {
  if (lstatSync(database, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  const target = readlinkSync(database);
  assert.match(target, /^\/var\/lib\/ropewalk-entry\/database-\w+$/);
  rmSync(target, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

interface RunningProgram extends AsyncDisposable {
  readonly url: string;
  readonly said: readonly string[];
  stop(): Promise<number | null>;
}

async function startEntry(
  environment: Environment,
  user: { uid?: number; gid?: number } = {},
): Promise<RunningProgram> {
  const child = spawn(process.execPath, [...testedProgram, "entry"], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    ...user,
  });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const url = await urlOf(child, said);
  return {
    ...{ url, said },
    stop: () => stopped(child),
    [Symbol.asyncDispose]: async () => void (await stopped(child)),
  };
}

async function urlOf(child: ChildProcess, said: string[]): Promise<string> {
  assert.ok(child.stdout !== null);
  const timer = AbortSignal.timeout(limit);
  try {
    for await (const line of createInterface({ input: child.stdout, signal: timer })) {
      said.push(line);
      const url = /^entry answers at (\S+)$/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  throw new Error(`entry ended: ${said.join("\n")}`);
}

async function stopped(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit", { signal: AbortSignal.timeout(limit) });
  child.kill("SIGTERM");
  await ended.catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return child.exitCode;
}

function command(environment: Environment, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...testedProgram, ...words], {
    env: environment,
    encoding: "utf8",
    timeout: limit,
  });
  return { status, stdout, stderr };
}

async function ask(url: string, path: string, key: string, method = "GET", json?: object) {
  const change = method === "GET" ? {} : { "idempotency-key": crypto.randomUUID().replaceAll("-", "") };
  const typed = json === undefined ? {} : { "content-type": "application/json" };
  const headers = { authorization: `Bearer ${key}`, ...change, ...typed };
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const response = await fetch(`${url}${path}`, { method, headers, ...body, signal: AbortSignal.timeout(limit) });
  return { status: response.status, body: (response.status === 204 ? {} : await response.json()) as Told };
}

interface Told {
  readonly id: string;
  readonly token: string;
  readonly code: string;
}

test("a customer gets as far as there is an exit: until one is heard of, none is chosen", {
  timeout: 2 * limit,
}, async () => {
  using folder = entryFolder(0o755, await freePort());
  await using entry = await startEntry(folder.environment());
  const admin = (path: string, json?: object) => ask(entry.url, path, folder.key(), "POST", json);
  const node = await admin("/v1/admin/nodes", { name: "vie-1", roles: ["vpn"], region: "eu" });
  assert.equal(node.status, 201);
  const { id } = (await admin("/v1/admin/customers")).body;
  const { token } = (await admin(`/v1/admin/customers/${id}/tokens`, {})).body;
  const publicKey = Buffer.alloc(32, 9).toString("base64");
  const device = await ask(entry.url, "/v1/devices", token, "POST", { name: "laptop", publicKey });
  assert.equal(device.status, 201);
  const start = await ask(entry.url, "/v1/sessions/start", token, "POST", { deviceId: device.body.id, region: "eu" });
  assert.deepEqual([start.status, start.body.code], [409, "no-node"]);
  assert.equal((await ask(entry.url, "/v1/sessions/current", token)).body.code, "no-session");
  assert.equal((await ask(entry.url, `/v1/devices/${device.body.id}`, token, "DELETE")).status, 204);
  assert.equal((await ask(entry.url, "/v1/admin/core/status", folder.key())).status, 200);
  assert.equal((await ask(entry.url, "/v1/admin/sessions", folder.key())).status, 200);
  const { findings } = JSON.parse(command(folder.environment(), "doctor", "--json").stdout) as { findings: Finding[] };
  const said = findings.map(({ name, state, text }) => `${name}: ${state}: ${text}`).join("\n");
  assert.match(said, /^entry's database: good: PostgreSQL \d+ answers$/m);
  assert.match(said, /^exit vie-1: lack: never heard of$/m);
  const metrics = await (await fetch(`${entry.url}/metrics`)).text();
  assert.match(metrics, /^ropewalk_subsystem_healthy\{subsystem="control"\} 1$/m);
  assert.doesNotMatch(entry.said.join("\n"), /defect/);
});

test("commands ask an entry with TLS of its own, and send the key to nobody who shows another certificate", {
  timeout: 2 * limit,
}, async () => {
  const port = await freePort();
  using folder = entryFolder(0o755, port);
  using authority = new TestAuthority();
  const place = (name: string) => {
    const { certificate, key } = authority.identity(name, "DNS:entry.example");
    writeFileSync(join(folder.root, `${name}.crt`), certificate);
    writeFileSync(join(folder.root, `${name}.key`), key, { mode: 0o600 });
    const [crt, own] = [join(folder.root, `${name}.crt`), join(folder.root, `${name}.key`)];
    return folder.environment({ ROPEWALK_ENTRY_HTTP_CERTIFICATE: crt, ROPEWALK_ENTRY_HTTP_KEY: own });
  };
  const [shown, other] = [place("shown"), place("other")];
  await using entry = await startEntry(shown);
  assert.match(entry.url, /^https:/);
  const added = command(shown, "entry", "node", "add", "vie-1", "--region", "eu");
  assert.equal(added.status, 0, added.stderr);
  assert.match(command(shown, "entry", "nodes").stdout, /vie-1/);
  const refused = command(other, "entry", "nodes");
  assert.equal(refused.status, 4);
  assert.match(refused.stderr, /no entry answers at /);
  assert.equal(await entry.stop(), 0);
});

for (const [who, user, mode] of [
  ["root, in a private home", {}, 0o700],
  ["somebody else, in a private home", nobody, 0o700],
] as const) {
  test(`entry starts with nothing given, keeps what it was told, and stops; as ${who}`, {
    timeout: 4 * limit,
  }, async () => {
    assert.equal(process.getuid?.(), 0, "this test needs root, to be others");
    using folder = entryFolder(mode, await freePort());
    if ("uid" in user) chownSync(folder.root, user.uid, user.gid);
    let id = "";
    {
      await using entry = await startEntry(folder.environment(), user);
      assert.ok(
        entry.said.some((line) => line === `its admin key is in ${join(folder.root, "state/entry/admin-key")}`),
      );
      assert.equal(statSync(join(folder.root, "state/entry/admin-key")).mode & 0o777, 0o600);
      assert.equal((await fetch(`${entry.url}/readyz`)).status, 200);
      const made = await ask(entry.url, "/v1/admin/customers", folder.key(), "POST");
      assert.equal(made.status, 201);
      id = made.body.id;
      assert.equal(await entry.stop(), 0, entry.said.join("\n"));
    }
    await using again = await startEntry(folder.environment(), user);
    assert.equal((await ask(again.url, `/v1/admin/customers/${id}`, folder.key())).body.id, id);
    assert.ok(!again.said.some((line) => line.startsWith("made ")));
    assert.doesNotMatch(again.said.join("\n"), new RegExp(folder.key()));
  });
}

test("a backup that is made while entry runs is put back into an empty one", { timeout: 4 * limit }, async () => {
  using folder = entryFolder(0o755, await freePort());
  using other = entryFolder(0o755, await freePort());
  const file = join(folder.root, "backup");
  let id = "";
  {
    await using entry = await startEntry(folder.environment());
    id = (await ask(entry.url, "/v1/admin/customers", folder.key(), "POST")).body.id;
    const made = command(folder.environment(), "entry", "backup", file, "--json");
    assert.equal(made.status, 0, made.stderr);
    assert.equal(JSON.parse(made.stdout).rows.customers, 1);
    assert.equal(command(folder.environment(), "entry", "restore", file).status, 6);
    assert.equal(command(folder.environment(), "entry", "node", "add", "vie-1", "--region", "eu").status, 0);
    assert.match(command(folder.environment(), "entry", "nodes").stdout, /vie-1 .* never heard of/);
    assert.match(command(folder.environment(), "entry", "customer", "add").stdout, /^customer [0-9a-f-]{36}\n/);
    assert.match(command(folder.environment(), "entry", "readiness").stdout, /^fails {3}exits: /m);
    assert.equal(command(folder.environment(), "entry").status, 6);
  }
  assert.equal(command(folder.environment(), "entry", "nodes").status, 4);
  const put = command(other.environment(), "entry", "restore", file);
  assert.equal(put.status, 0, put.stderr);
  assert.equal(command(other.environment(), "entry", "restore", file).status, 1);
  assert.match(command(other.environment(), "entry", "migrate", "--json").stdout, /^\{"applied":\[\]\}\n$/);
  await using entry = await startEntry(other.environment());
  assert.equal((await ask(entry.url, `/v1/admin/customers/${id}`, other.key())).body.id, id);
});

test("production does not start with what is for trials, and weak keys never do", async () => {
  using folder = entryFolder(0o755, await freePort());
  const production = command(folder.environment({ APP_ENV: "production" }), "entry");
  assert.equal(production.status, 3);
  for (const gate of ["database", "admin keys", "token keys", "preshared secret", "nodes"])
    assert.match(production.stderr, new RegExp(`^ {2}${gate}: `, "m"));
  for (const [name, value] of [
    ["ADMIN_API_TOKEN", "changeme"],
    ["APP_JWT_SIGNING_KEYS", "a:secret"],
    ["ROPEWALK_ENTRY_HTTP_LISTEN", "0.0.0.0:7440"],
    ["APP_REQUIRE_CORE_TLS", "false"],
    ["DATABASE_URL", "mysql://x"],
  ] as const) {
    const { status, stderr } = command(folder.environment({ [name]: value }), "entry");
    assert.equal(status, 3, `${name}: ${stderr}`);
    assert.doesNotMatch(stderr, /changeme|a:secret/);
  }
});
