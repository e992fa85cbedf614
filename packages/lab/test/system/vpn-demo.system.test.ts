/** `npm run lab -- vpn`: a customer's page goes on by the exit while entry and the exit's program die, and ends with his session. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { VpnReport } from "../../src/vpn/pure/vpn-report.ts";
import { sourceFlags, testedProgram } from "./source-flags.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

test("a session's page comes by the exit, goes on without entry and without the exit's program, and ends with the session", async (context) => {
  const program = spawn(process.execPath, [...sourceFlags, main, "vpn", "--quick", "--json", ...testedProgram], {
    stdio: "pipe",
  });
  const exited = new Promise<number | null>((resolve) => program.once("close", resolve));
  const [stdout, stderr, status] = await Promise.all([text(program.stdout), text(program.stderr), exited]);
  assert.equal(status, 0, `${stderr}${stdout}`);
  const { wrong, session, entryReadyAfterMs, entryAgain, end } = JSON.parse(stdout) as VpnReport;
  assert.deepEqual(wrong, []);
  const figures = [
    `entry ready after ${entryReadyAfterMs} ms, again after ${entryAgain.readyAfterMs} ms`,
    `first page ${session.firstPageAfterMs} ms after the request`,
    `last page ${end.lastPageAfterMs} ms behind the end`,
  ];
  context.diagnostic(figures.join("; "));
});
