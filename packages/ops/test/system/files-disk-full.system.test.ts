/** Files that are written together, on a file system that is really full: a small tmpfs in a mount namespace of its own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("a full disk is told as such, and leaves nothing of what was being written, and all that was there", () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-full-"));
  try {
    const child = join(import.meta.dirname, "files-disk-full-child.ts");
    const script = 'mount -t tmpfs -o size=1m ropewalk-test "$1" && shift && exec "$@"';
    const program = [
      process.execPath,
      "--conditions=@ropewalk/source",
      "--disable-warning=ExperimentalWarning",
      child,
      folder,
    ];
    // Without root, a user namespace gives the right to mount inside it.
    const unshare = process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
    const output = execFileSync("unshare", [...unshare, "sh", "-c", script, "sh", folder, ...program], {
      timeout: 30_000,
    });
    assert.deepEqual(JSON.parse(output.toString()), {
      new: "OPS_FILE_FULL",
      replaced: "OPS_FILE_FULL",
      left: ["ca.key"],
      old: "old",
      later: "no error",
    });
    assert.deepEqual(readdirSync(folder), [], "the mount was visible outside its namespace");
  } finally {
    rmdirSync(folder);
  }
});
