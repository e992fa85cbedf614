/** `npm run lab` as scripts use it: text or JSON out, the exit status, and where it stops. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sourceFlags } from "./source-flags.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

async function runLab(args: readonly string[], input = "") {
  const program = spawn(process.execPath, [...sourceFlags, main, ...args], { stdio: "pipe" });
  program.stdin.end(input);
  const exited = new Promise<number | null>((resolve) => program.once("close", resolve));
  const [stdout, stderr, status] = await Promise.all([text(program.stdout), text(program.stderr), exited]);
  return { stdout, stderr, status };
}

test("a script shows the lab, cuts, looks and heals", async () => {
  const script =
    "show; cut wan1; run edge -- cat /sys/class/net/wan1/carrier; heal wan1; run client -- ping -c1 -W1 target-1";
  const { stdout, stderr, status } = await runLab(["--script", script]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /client ── edge ─┬─ wan0 {2}198\.18\.0\.2.*\n0\n.*1 received/s);
});

test("--json gives one object a command, with times that can be compared", async () => {
  const { stdout, status } = await runLab(
    ["--json", "--uplinks", "1"],
    "cut wan0\nshow\ncounters wan0\nrun edge -- echo hi\n",
  );
  assert.equal(status, 0);
  const [cut, show, counters, echo] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.ok(BigInt(cut.atNs) < BigInt(cut.doneAtNs));
  assert.deepEqual(
    show.uplinks.map((uplink: { faults: string[] }) => uplink.faults),
    [["cut"]],
  );
  assert.ok(Array.isArray(counters.foreign));
  assert.deepEqual(echo, { command: "run edge -- echo hi", ok: true, status: 0, stdout: "hi\n", stderr: "" });
});

test("the first failure ends a script with status 1; a bad one never starts, with status 2", async () => {
  const failed = await runLab(["--script", "cut wan7; cut wan0"]);
  assert.deepEqual({ status: failed.status, stdout: failed.stdout }, { status: 1, stdout: "" });
  assert.match(failed.stderr, /no uplink is called "wan7"; there are wan0, wan1, wan2/);
  const bad = await runLab(["--script", "cut wan0; lose wan0 many"]);
  assert.equal(bad.status, 2);
  assert.match(bad.stderr, /at "lose wan0 many": say: lose UPLINK PERCENT/);
  for (const args of [["--uplinks", "0"], ["--ifindexes", "odd"], ["--nonsense"]]) {
    assert.equal((await runLab(args)).status, 2, args.join(" "));
  }
});

test("--help tells the options and starts nothing", async () => {
  const { stdout, status } = await runLab(["--help"]);
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: npm run lab/);
});
