/** `npm run lab -- demo`: the real thing with short steps, and what is left when it is stopped. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { DemoReport } from "../../src/demo/pure/report.ts";
import { until } from "./condition.ts";
import { sourceFlags, testedProgram } from "./source-flags.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

function startDemo(...args: readonly string[]) {
  const program = spawn(process.execPath, [...sourceFlags, main, "demo", "--quick", ...testedProgram, ...args], {
    stdio: "pipe",
  });
  const exited = new Promise<number | null>((resolve) => program.once("close", resolve));
  return { program, exited };
}

test("a call and a download live through a cut, a blackhole and two returns, and everything is given back", async () => {
  const { program, exited } = startDemo("--json");
  const [stdout, stderr, status] = await Promise.all([text(program.stdout), text(program.stderr), exited]);
  assert.equal(status, 0, `${stderr}${stdout}`);
  const { kind, ok, steps, leftBehind } = JSON.parse(stdout) as DemoReport;
  assert.deepEqual({ kind, ok, leftBehind }, { kind: "demo", ok: true, leftBehind: [] });
  assert.deepEqual(
    steps.map(({ step, from, to, wrong }) => ({ step, from, to, wrong })),
    [
      { step: "cut", from: "wan0", to: "wan1", wrong: [] },
      { step: "repair", from: "wan1", to: "wan0", wrong: [] },
      { step: "blackhole", from: "wan0", to: "wan1", wrong: [] },
      { step: "recovery", from: "wan1", to: "wan0", wrong: [] },
    ],
  );
  const [cut, repair, blackhole, recovery] = steps;
  assert.match(cut?.ropewalk.verdict ?? "", /no carrier/);
  assert.match(blackhole?.ropewalk.verdict ?? "", /no target on the internet answers/);
  assert.ok((blackhole?.call.lost ?? 0) > 0, "a blackhole takes what was under way");
  assert.deepEqual(
    blackhole?.download.broken,
    ["ECONNABORTED"],
    "Ropewalk ends a connection that is stranded, and does it once",
  );
  for (const step of [repair, recovery]) {
    assert.deepEqual([step?.call.lost, step?.download.broken, step?.nextCallBy], [0, [], "wan0"]);
  }
});

test("who stops it in the middle is told that nothing is left, and nothing is", async () => {
  const { program, exited } = startDemo();
  const said = Promise.all([text(program.stderr), exited]);
  let seen = "";
  program.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    seen += chunk;
  });
  await until("a second of traffic", async () => seen.includes("1 s  download"), 60_000);
  const children = await childrenOf(program.pid);
  assert.ok(children.length > 1, "the lab and the programs in it");
  program.kill("SIGINT");
  assert.deepEqual(await said, ["The demo was stopped; nothing of it is left.\n", 130]);
  for (const child of children) assert.ok(!existsSync(`/proc/${child}`), `process ${child} is gone`);
});

async function childrenOf(pid: number | undefined): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.trim().split(" ").map(Number);
}
