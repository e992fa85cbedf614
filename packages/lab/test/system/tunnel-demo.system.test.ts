/** `npm run lab -- tunnel`: a login and a download in the tunnel, over Ropewalk's own failover, with short steps. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { TunnelReport } from "../../src/tunnel/pure/tunnel-report.ts";
import { sourceFlags, testedProgram } from "./source-flags.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

test("a login and a download live through a cut, a blackhole and two returns: one session, no octet lost, no key", async () => {
  const program = spawn(process.execPath, [...sourceFlags, main, "tunnel", "--quick", "--json", ...testedProgram], {
    stdio: "pipe",
  });
  const exited = new Promise<number | null>((resolve) => program.once("close", resolve));
  const [stdout, stderr, status] = await Promise.all([text(program.stdout), text(program.stderr), exited]);
  assert.equal(status, 0, `${stderr}${stdout}`);
  const { ok, steps, ssh, download, sessions } = JSON.parse(stdout) as TunnelReport;
  assert.equal(ok, true);
  assert.deepEqual(
    steps.map(({ step, laneBy, wrong }) => ({ step, laneBy, wrong })),
    [
      { step: "cut", laneBy: "wan1", wrong: [] },
      { step: "repair", laneBy: "wan0", wrong: [] },
      { step: "blackhole", laneBy: "wan1", wrong: [] },
      { step: "recovery", laneBy: "wan0", wrong: [] },
    ],
  );
  assert.deepEqual([ssh.ended, ssh.wrong, ssh.pressed - ssh.echoed], [null, 0, 0]);
  assert.deepEqual([download.isWhole, download.octets], [true, download.wanted]);
  assert.deepEqual(sessions, { begun: 1, lost: 0 });
  // The lane went because the node said so, and did not wait until it was found dead.
  for (const { lane } of steps) assert.equal(lane[0]?.event, "path-changed");
  for (const { ssh: stalled } of steps) assert.ok(stalled.longestMs < 40_000, `a key waited ${stalled.longestMs} ms`);
});
