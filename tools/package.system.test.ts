/** What people install: the packed program, unpacked where nothing of the clone is in reach, with the compiled sources only. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import { createNamespace } from "@ropewalk/lab/namespace";
import { programFlags } from "../bin/runtime.mjs";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-package-"));
const program = join(folder, "package/bin/ropewalk");
const node = `node_modules/node-linux-${process.arch}`;
const environment = {
  PATH: process.env["PATH"],
  HOME: folder,
  ROPEWALK_STATE_DIR: join(folder, "state"),
  ROPEWALK_RUNTIME_DIR: join(folder, "run"),
  CACHE_DIRECTORY: join(folder, "cache"),
};

before(() => {
  // The gate has built it, and tests beside this one run it.
  if (process.env["TESTED_PROGRAM"] === undefined)
    execFileSync(process.execPath, ["tools/run.mjs", "tools/build.ts"], { stdio: "pipe" });
  execFileSync("npm", ["pack", resolve("build/package"), "--pack-destination", folder, "--loglevel=error"], {
    stdio: "pipe",
  });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  assert.ok(archive !== undefined, "npm pack wrote an archive");
  execFileSync("tar", ["-xzf", join(folder, archive), "-C", folder]);
  // npm would fetch the Node binary for the machine; here it is the clone's.
  mkdirSync(join(folder, "package/node_modules"), { recursive: true });
  symlinkSync(resolve(node), join(folder, "package", node));
});

after(() => rmSync(folder, { recursive: true, force: true }));

test("the package has no TypeScript and no packages, and says whose libraries are in it", () => {
  const listed = execFileSync("find", [join(folder, "package"), "-name", "*.ts", "-o", "-name", "package.json"], {
    encoding: "utf8",
  });
  assert.equal(listed, `${join(folder, "package/package.json")}\n`);
  const libraries = readFileSync(join(folder, "package/LIBRARIES.md"), "utf8");
  for (const name of ["zod", "pino", "smol-toml"]) assert.match(libraries, new RegExp(`^## ${name} \\d`, "m"));
});

test("the packed program says its version, and that no node runs", () => {
  assert.match(versionBy(program, environment), /^ropewalk \d+\.\d+\.\d+\n$/);
  assert.equal(spawnSync(program, ["status"], { env: environment }).status, 4);
});

test("it is started by a link from elsewhere, with npm's Node in a folder above, and without any by the one of the machine", () => {
  const said = versionBy(program, environment);
  const inside = join(folder, "prefix/lib");
  mkdirSync(join(inside, "node_modules"), { recursive: true });
  cpSync(join(folder, "package"), join(inside, "node_modules/ropewalk"), {
    recursive: true,
    filter: (path) => !path.endsWith("node_modules"),
  });
  const link = join(folder, "ropewalk-link");
  symlinkSync(join(inside, "node_modules/ropewalk/bin/ropewalk"), link);
  const nodeAside = { ...environment, PATH: `${dirname(process.execPath)}:${environment.PATH}` };
  assert.equal(versionBy(link, nodeAside), said);
  symlinkSync(resolve(node), join(inside, node));
  assert.equal(versionBy(link, environment), said);
});

test("entry has more room for young objects than other programs, started by whichever launcher", () => {
  const inside = join(folder, "told/lib");
  cpSync(join(folder, "package/bin"), join(inside, "bin"), { recursive: true });
  mkdirSync(join(inside, node, "bin"), { recursive: true });
  writeFileSync(join(inside, node, "bin/node"), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const flagsOf = (command: string) =>
    execFileSync(join(inside, "bin/ropewalk"), [command], { env: environment, encoding: "utf8" });
  for (const command of ["entry", "core", "up"])
    assert.match(flagsOf(command), new RegExp(programFlags(command).join(" ")));
  assert.notDeepEqual(programFlags("entry"), programFlags("up"));
});

test("the packed program's McEliece worker finds its WebAssembly", { timeout: 60_000 }, async () => {
  const worker = new Worker(join(folder, "package/dist/mceliece-worker.js"));
  try {
    worker.postMessage({ kind: "encapsulate", key: { name: "any", octets: new Uint8Array(524_160) } });
    const [answer] = await once(worker, "message");
    assert.equal(answer.kind, "encapsulated");
    assert.equal(answer.ciphertext.length, 156);
  } finally {
    await worker.terminate();
  }
});

function versionBy(launcher: string, env: NodeJS.ProcessEnv): string {
  const { stdout, stderr } = spawnSync(launcher, ["--version"], { env, encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout;
}

test("the packed program watches and answers, and keeps what was compiled of it", { timeout: 60_000 }, async () => {
  await using namespace = await createNamespace();
  const { host } = namespace;
  await host.exec("ip", ["link", "set", "lo", "up"]);
  const options = { env: { ...process.env, ...environment }, cwd: folder };
  const daemon = host.spawn(program, ["node"], options);
  daemon.stdout.resume();
  daemon.stderr.resume();
  const ask = () => host.tryExec(program, ["status", "--json"], options);
  const deadline = performance.now() + 30_000;
  let answer = await ask();
  while (answer.status !== 0 && performance.now() < deadline) answer = await ask();
  assert.equal(answer.status, 0, answer.stderr);
  assert.equal(JSON.parse(answer.stdout).health.ready, true);
  await daemon.stop();
  assert.notDeepEqual(readdirSync(environment.CACHE_DIRECTORY), []);
});
