/** Types what the README's section on keys shows, with the real program, and holds what it answers against what the page shows. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

const repository = resolve(import.meta.dirname, "../../../..");
const leftOut = "…";

interface Step {
  readonly command: string;
  readonly shown: readonly string[];
}

/** The steps of the one block below the heading. */
function readSteps(): readonly Step[] {
  const page = readFileSync(join(repository, "README.md"), "utf8");
  const [, block = ""] = /^## Keys\n[\s\S]*?^```\n([\s\S]*?)^```$/m.exec(page) ?? [];
  return block
    .split(/^\$ /m)
    .filter((step) => step !== "")
    .map((step) => {
      const [command = "", ...shown] = step.trimEnd().split("\n");
      return { command, shown };
    });
}

/** Times, serials and fingerprints differ each time. */
function masked(line: string): string {
  return line.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME").replace(/\b[0-9a-f]{40,}\b/g, "HEX");
}

/** Whether `said` is `shown`, in which a line of an ellipsis stands for any lines. */
function isAsShown(said: readonly string[], shown: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return said.length === 0;
  if (first.trim() === leftOut) return isAsShown(said, rest) || (said.length > 0 && isAsShown(said.slice(1), shown));
  return said.length > 0 && masked(said[0] ?? "") === masked(first) && isAsShown(said.slice(1), rest);
}

test("the README's keys are made, shown and checked as it says", () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-keys-"));
  try {
    const steps = readSteps();
    assert.ok(steps.length >= 6);
    for (const { command, shown } of steps) {
      // In the clone `npx ropewalk` is its launcher; the function saves the time that npx takes to find it.
      const script = `npx() { shift; exec "$NODE" "$LAUNCHER" "$@"; }; ${command}`;
      const { stdout } = spawnSync("sh", ["-c", `{ ${script}; } 2>&1`], {
        cwd: folder,
        encoding: "utf8",
        timeout: 30_000,
        env: { ...process.env, NODE: process.execPath, LAUNCHER: join(repository, "bin/ropewalk.mjs") },
      });
      const said = stdout.trimEnd().split("\n");
      assert.ok(isAsShown(said, shown), `$ ${command}\nsays:\n${stdout}\nand the page shows:\n${shown.join("\n")}`);
    }
    assert.equal(readdirSync(folder).length, 6);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
