/** Runs a program of this folder on a file system that is really full: a small tmpfs in a mount namespace, gone with its process. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the program printed, as JSON. It is given the folder as its argument, where a megabyte has room. */
export function reportOnFullDisk(program: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-full-"));
  try {
    const script = 'mount -t tmpfs -o size=1m ropewalk-test "$1" && shift && exec "$@"';
    const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
    const words = [process.execPath, ...flags, join(import.meta.dirname, program), folder];
    // Without root, a user namespace gives the right to mount inside it.
    const unshare = process.getuid?.() === 0 ? ["--mount"] : ["--user", "--map-root-user", "--mount"];
    const output = execFileSync("unshare", [...unshare, "sh", "-c", script, "sh", folder, ...words], {
      timeout: 30_000,
    });
    assert.deepEqual(readdirSync(folder), [], "the mount was visible outside its namespace");
    return JSON.parse(output.toString());
  } finally {
    rmdirSync(folder);
  }
}
