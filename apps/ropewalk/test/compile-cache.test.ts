/** Where a program keeps what was compiled of it: in a folder that nobody else writes to, or nowhere. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-compiled-"));
const module = new URL("../src/machine/compile-cache.ts", import.meta.url);

after(() => rmSync(folder, { recursive: true, force: true }));

/** The folder that a process uses which is told of `path`; "undefined": none. */
function usedBy(path: string, environment: NodeJS.ProcessEnv = {}): string {
  const script = `
    import { getCompileCacheDir } from "node:module";
    import { keepCompiled } from "${module}";
    keepCompiled({ path: process.argv[1], mode: 0o700, parent: "own" }, process.getuid());
    console.log(getCompileCacheDir());`;
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const words = [...process.execArgv, "--input-type=module", "--eval", script, path];
  const { stdout, stderr } = spawnSync(process.execPath, words, { env: { ...env, ...environment }, encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.trim();
}

test("a folder is made, with those above it, and used", () => {
  const path = join(folder, "new/caches");
  assert.ok(usedBy(path).startsWith(path));
});

test("a folder that others may write to, or a link to one, is not used", () => {
  const path = join(folder, "open");
  mkdirSync(path);
  assert.ok(usedBy(path).startsWith(path));
  symlinkSync(path, join(folder, "link"));
  assert.equal(usedBy(join(folder, "link")), "undefined");
  chmodSync(path, 0o777);
  assert.equal(usedBy(path), "undefined");
});

test("where it cannot be made nothing is kept, and where it is kept already nothing is made", () => {
  assert.equal(usedBy("/dev/null/caches"), "undefined");
  const [given, other] = [join(folder, "given"), join(folder, "other")];
  assert.ok(usedBy(other, { NODE_COMPILE_CACHE: given }).startsWith(given));
  assert.equal(existsSync(other), false);
});
