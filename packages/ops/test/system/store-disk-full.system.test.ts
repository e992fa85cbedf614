/** The store on a file system that is really full: a small tmpfs in a mount namespace of its own, gone with its process. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("a full disk is told as such, nothing stored is lost, and the store works again once there is room", () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-full-"));
  try {
    const child = join(import.meta.dirname, "disk-full-child.ts");
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
    const { checkpoint, ...report } = JSON.parse(output.toString()) as Record<string, unknown>;
    assert.ok(["no error", "OPS_STORE_FULL"].includes(String(checkpoint)), String(checkpoint));
    assert.deepEqual(report, {
      code: "OPS_STORE_FULL",
      lost: 0,
      lostAfterCheckpoint: 0,
      integrity: "ok",
      kept: true,
      newStore: "OPS_STORE_FULL",
      afterRoom: true,
    });
    assert.deepEqual(readdirSync(folder), [], "the mount was visible outside its namespace");
  } finally {
    rmdirSync(folder);
  }
});
