import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ensureOwnDirectory } from "../src/machine/own-directory.ts";

const uid = process.getuid?.() ?? 0;
let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
});
after(() => rmSync(folder, { recursive: true }));

const ensure = (name: string, as: number = uid) =>
  ensureOwnDirectory({ path: join(folder, name), mode: 0o700, parent: "shared-parent" }, as, "a test", "VARIABLE");

test("a folder beside others' is made for its owner alone, and taken again when it is ours", () => {
  ensure("fresh");
  assert.equal(statSync(join(folder, "fresh")).mode & 0o777, 0o700);
  ensure("fresh");
});

test("what somebody else could have put there is refused, with what is wrong and what to set", () => {
  mkdirSync(join(folder, "target"), { mode: 0o700 });
  symlinkSync(join(folder, "target"), join(folder, "link"));
  writeFileSync(join(folder, "file"), "");
  mkdirSync(join(folder, "open"));
  chmodSync(join(folder, "open"), 0o770);
  const refusals = [
    ["link", /is a symbolic link/],
    ["file", /is not a folder/],
    ["open", /can be entered by other users/],
  ] as const;
  for (const [name, message] of refusals) assert.throws(() => ensure(name), { code: "APP_DIRECTORY", message });
  assert.throws(() => ensure("target", uid + 1), { code: "APP_DIRECTORY", message: /belongs to user .*VARIABLE/ });
});

test("a folder of our own is made with its parents", () => {
  ensureOwnDirectory({ path: join(folder, "a/b/c"), mode: 0o755, parent: "own" }, uid, "a test", "VARIABLE");
  assert.ok(statSync(join(folder, "a/b/c")).isDirectory());
});

test("a place where nothing can be made is told with its reason", () => {
  const blocked = { path: join(folder, "file/below"), mode: 0o755, parent: "own" } as const;
  assert.throws(() => ensureOwnDirectory(blocked, uid, "a test", "VARIABLE"), {
    code: "APP_DIRECTORY",
    message: /cannot be made/,
  });
});
