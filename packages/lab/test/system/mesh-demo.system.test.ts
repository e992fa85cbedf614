/** `npm run lab -- mesh`: three nodes find each other, and go on when the one between dies, changes its uplink, or keeps what is for the other. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { MeshReport } from "../../src/mesh/pure/mesh-report.ts";
import { sourceFlags, testedProgram } from "./source-flags.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

test("client is answered by target-1 over edge, behind a kill, a cut and a return, and gets a message that waited for it", async (context) => {
  const program = spawn(process.execPath, [...sourceFlags, main, "mesh", "--quick", "--json", ...testedProgram], {
    stdio: "pipe",
  });
  const exited = new Promise<number | null>((resolve) => program.once("close", resolve));
  const [stdout, stderr, status] = await Promise.all([text(program.stdout), text(program.stderr), exited]);
  assert.equal(status, 0, `${stderr}${stdout}`);
  const { ok, path, steps, message, foundAfterMs } = JSON.parse(stdout) as MeshReport;
  assert.deepEqual([ok, path.length], [true, 1]);
  assert.deepEqual(
    steps.map(({ wrong }) => wrong),
    [[], [], []],
  );
  assert.deepEqual(message.wrong, []);
  const silences = steps.map(({ deed, silenceMs }) => `${deed}: ${silenceMs} ms`);
  context.diagnostic(
    [`found after ${foundAfterMs} ms`, ...silences, `message: ${message.arrivedAfterMs} ms`].join("; "),
  );
});
