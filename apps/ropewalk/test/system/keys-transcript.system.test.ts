/** Types what the README's section on keys shows, with the real program, and holds what it answers against what the page shows. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@ropewalk/lab/free-ports";

const repository = resolve(import.meta.dirname, "../../../..");
const leftOut = "…";

interface Line {
  readonly command: string;
  readonly shown: readonly string[];
}

/** The steps of the one block below the heading. */
function readSteps(): readonly Line[] {
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

/** What a step's program says, which a test may wait for. */
class Step {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #said = "";

  constructor(command: string, folder: string) {
    // In the clone `npx ropewalk` is its launcher; the function saves the time that npx takes to find it.
    const script = `npx() { shift; exec "$NODE" "$LAUNCHER" "$@"; }; { ${command}; } 2>&1`;
    const env = { ...process.env, NODE: process.execPath, LAUNCHER: join(repository, "bin/ropewalk.mjs") };
    this.#child = spawn("sh", ["-c", script], { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    this.#closed = once(this.#child, "close");
  }

  /** Until it has said all that is shown. */
  async says(shown: readonly string[]): Promise<void> {
    const end = performance.now() + 30_000;
    while (!this.#isAsShown(shown) && this.#child.exitCode === null && performance.now() < end) await delay(20);
    assert.ok(this.#isAsShown(shown), `says:\n${this.#said}\nand the page shows:\n${shown.join("\n")}`);
  }

  /** Until it has ended, having said it. */
  async endsWith(shown: readonly string[]): Promise<void> {
    await this.#closed;
    await this.says(shown);
  }

  #isAsShown(shown: readonly string[]): boolean {
    return isAsShown(this.#said.trimEnd().split("\n"), shown);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    await this.#closed;
  }
}

test("the README's keys are made, shown and checked, and prove two ends to each other, as it says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-keys-"));
  const port = String(await freePort());
  try {
    await using behind = new AsyncDisposableStack();
    const steps = readSteps();
    assert.ok(steps.length >= 8);
    for (const { command, shown } of steps) {
      const here = (line: string) => line.replace("7420", port);
      const isBehind = command.endsWith(" &");
      const step = new Step(here(isBehind ? command.slice(0, -2) : command), folder);
      behind.use(step);
      await (isBehind ? step.says(shown.map(here)) : step.endsWith(shown.map(here)));
    }
    assert.equal(readdirSync(folder).length, 6);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
