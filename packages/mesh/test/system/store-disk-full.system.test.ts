/** The store of messages on a file system that is really full: a small tmpfs in a mount namespace, gone with its process. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("on a full disk the store refuses what needs room, reads and removes, and takes again by itself once there is room", () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-full-"));
  try {
    const script = 'mount -t tmpfs -o size=32m ropewalk-test "$1" && shift && exec "$@"';
    const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
    const words = [process.execPath, ...flags, join(import.meta.dirname, "store-disk-full-child.ts"), folder];
    // Without root, a user namespace gives the right to mount inside it.
    const unshare = process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
    const output = execFileSync("unshare", [...unshare, "sh", "-c", script, "sh", folder, ...words], {
      timeout: 60_000,
    });
    assert.deepEqual(readdirSync(folder), [], "the mount was visible outside its namespace");
    assert.deepEqual(JSON.parse(output.toString()), {
      refused: "full",
      events: "full",
      lost: 0,
      received: "full",
      removed: "committed",
      mixed: "full,committed,full,committed",
      left: -2,
      eventsWhenOpenedAgain: "full",
      leftWhenOpenedAgain: -2,
      byItself: true,
      wholeBefore: true,
      eventsByItself: "roomy",
      refusedAgain: "full",
      withRoom: true,
      eventsWithRoom: "full,roomy",
    });
  } finally {
    rmdirSync(folder);
  }
});
