/** A server that is given by its address: over TCP with TLS and a password, as its settings say and not otherwise. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Database } from "@ropewalk/entry/io/database";
import { usualLimits } from "@ropewalk/entry/io/database-limits";
import { findPrograms } from "@ropewalk/entry/io/own-server/programs";
import { findServerUser } from "@ropewalk/entry/io/own-server/server-user";
import { parseDatabaseUrl } from "@ropewalk/entry/pure/database-settings";
import { millis } from "@ropewalk/kernel/units";
import { until } from "./condition.ts";
import { deps, machineOnly, place } from "./server-place.ts";

const password = "correct horse @ battery";
const where = place();
const stack = new AsyncDisposableStack();
let port = 0;
let ca = "";
after(async () => {
  await stack.disposeAsync();
  where[Symbol.dispose]();
});

/** A certificate for `name` by an authority of its own. */
function certify(name: string): void {
  const at = (file: string) => join(where.root, file);
  const openssl = (...words: readonly string[]) => execFileSync("openssl", words, { stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
    "-subj",
    "/CN=test authority",
    "-days",
    "2",
  );
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    at("server.key"),
    "-out",
    at("server.pem"),
    ...subject,
    "-days",
    "2",
    "-CA",
    at("ca.pem"),
    "-CAkey",
    at("ca.key"),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

before(async () => {
  const user = await findServerUser();
  const programs = await findPrograms(await machineOnly(), user, undefined);
  const folder = programs.kind === "machine" ? programs.folder : "";
  const data = join(where.root, "data");
  const run = (...words: readonly string[]) => {
    const [program = "", ...rest] = [...user.words, ...words];
    return execFileSync(program, rest, { cwd: "/", stdio: "pipe" });
  };
  certify("localhost");
  ca = join(where.root, "ca.pem");
  const secret = join(where.root, "password");
  writeFileSync(secret, password, { mode: 0o600 });
  chmodSync(where.root, 0o777);
  for (const file of ["server.key", "password"]) chownSync(join(where.root, file), user.uid, user.gid);
  run(
    join(folder, "initdb"),
    "-D",
    data,
    "--username=ada",
    "--auth=scram-sha-256",
    `--pwfile=${secret}`,
    "--no-sync",
    "--locale=C",
    "--encoding=UTF8",
  );
  writeFileSync(join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
  port = await freePort();
  const tls = [
    "-c",
    "ssl=on",
    "-c",
    `ssl_cert_file=${join(where.root, "server.pem")}`,
    "-c",
    `ssl_key_file=${join(where.root, "server.key")}`,
  ];
  const places = ["-c", "listen_addresses=127.0.0.1", "-c", `port=${port}`, "-c", "unix_socket_directories="];
  const [program = "", ...words] = [
    "setpriv",
    ...user.words.slice(1),
    "--pdeathsig=QUIT",
    join(folder, "postgres"),
    "-D",
    data,
    ...places,
    ...tls,
  ];
  const server = spawn(program, words, { cwd: "/", stdio: "ignore" });
  const exited = once(server, "exit");
  stack.defer(async () => {
    server.kill("SIGQUIT");
    await exited;
  });
  const state = join(data, "postmaster.pid");
  await until("it is ready", () => existsSync(state) && readFileSync(state, "utf8").includes("ready"));
});

function given(login: string, host: string, query: string): Database {
  const read = parseDatabaseUrl(`postgres://${login}@${host}:${port}/postgres?${query}`);
  assert.equal(read.kind, "settings", JSON.stringify(read));
  const { settings } = read as Extract<typeof read, { kind: "settings" }>;
  return new Database(settings, deps, { ...usualLimits, connect: millis(3_000) });
}

const right = `ada:${encodeURIComponent(password)}`;

test("who proves himself and asks the server to, is let in", async () => {
  await using database = given(right, "localhost", `sslmode=verify-full&sslrootcert=${ca}`);
  assert.ok((await database.version()) >= 150_000);
  await using connection = await database.alone();
  const [row] = await connection.rows<{ readonly ssl: boolean }>(
    "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
  );
  assert.equal(row?.ssl, true);
});

test("a server by another name is not believed, unless only its authority is asked", async () => {
  await using strict = given(right, "127.0.0.1", `sslmode=verify-full&sslrootcert=${ca}`);
  await assert.rejects(strict.version(), { code: "ENTRY_DATABASE_REFUSED", message: /does not match certificate/ });
  await using loose = given(right, "127.0.0.1", `sslmode=verify-ca&sslrootcert=${ca}`);
  await loose.version();
});

test("a server of an authority that nobody named is believed only by who asks for no proof", async () => {
  for (const mode of ["verify-full", "verify-ca"]) {
    await using strict = given(right, "localhost", `sslmode=${mode}`);
    await assert.rejects(strict.version(), { code: "ENTRY_DATABASE_REFUSED" });
  }
  await using none = given(right, "localhost", "sslmode=require");
  await none.version();
});

test("nothing is sent without encryption to who wants it", async () => {
  await using plain = given(right, "localhost", "sslmode=disable");
  await assert.rejects(plain.version(), {
    code: "ENTRY_DATABASE_REFUSED",
    message: /no pg_hba.conf entry|no encryption/,
  });
});

test("a wrong password is told without it", async () => {
  await using wrong = given("ada:hunter2hunter2", "localhost", "sslmode=require");
  await assert.rejects(wrong.version(), (error: Error & { code?: string }) => {
    assert.equal(error.code, "ENTRY_DATABASE_REFUSED");
    assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /hunter2/);
    return true;
  });
});

test("a key that others may read is not used, and a file that is not there is told before anybody connects", () => {
  const key = join(where.root, "exposed.key");
  writeFileSync(key, "key", { mode: 0o644 });
  const files = `sslrootcert=${ca}&sslcert=${ca}&sslkey=${key}`;
  assert.throws(() => given(right, "localhost", `sslmode=verify-full&${files}`), { code: "ENTRY_DATABASE_SETTINGS" });
  assert.throws(() => given(right, "localhost", "sslmode=verify-full&sslrootcert=/nowhere"), {
    code: "ENTRY_DATABASE_SETTINGS",
  });
});

test("nobody listens: that is down, and soon", async () => {
  const began = performance.now();
  const read = parseDatabaseUrl(`postgres://ada@localhost:${await freePort()}/postgres`);
  assert.equal(read.kind, "settings");
  await using database = new Database((read as Extract<typeof read, { kind: "settings" }>).settings, deps);
  await assert.rejects(database.version(), { code: "ENTRY_DATABASE_DOWN" });
  assert.ok(performance.now() - began < usualLimits.connect);
});
