/** One host alone: how programs run in it, and what an ordinary user or a poorer machine is told. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { millis } from "@ropewalk/kernel/units";
import { createNamespace, type Namespace } from "@ropewalk/lab/namespace";
import { until } from "./condition.ts";
import { sourceFlags } from "./source-flags.ts";

const run = promisify(execFile);
let namespace: Namespace;

before(async () => {
  namespace = await createNamespace("alone");
});
after(() => namespace?.[Symbol.asyncDispose]());

test("a fresh namespace has loopback alone, up, and only its own processes", async () => {
  const { stdout } = await namespace.host.exec("sh", [
    "-c",
    "ls /sys/class/net; cat /sys/class/net/lo/flags; ls -d /proc/[0-9]*",
  ]);
  assert.match(stdout, /^lo\n0x9\n/);
  assert.ok(stdout.split("\n").length < 12, stdout);
});

test("a program runs where its starter is, with its input, and its output and status come back", async () => {
  const { stdout } = await namespace.host.exec("sh", ["-c", "pwd; cat"], { input: "hello" });
  assert.equal(stdout, `${process.cwd()}\nhello`);
  const { status, stderr } = await namespace.host.tryExec("sh", ["-c", "echo no >&2; exit 3"]);
  assert.deepEqual({ status, stderr }, { status: 3, stderr: "no\n" });
});

test("a program that fails, is missing or takes too long is told with its words", async () => {
  const { host } = namespace;
  await assert.rejects(host.exec("sh", ["-c", "echo why >&2; exit 7"]), {
    code: "LAB_COMMAND_FAILED",
    message: /alone ended with 7: why/,
  });
  await assert.rejects(host.exec("no-such-program"), { code: "LAB_COMMAND_FAILED", message: /no-such-program.*127/ });
  await assert.rejects(host.exec("sleep", ["60"], { deadline: millis(50) }), { code: "LAB_TIMEOUT" });
});

test("a signal reaches the program itself, and one that ignores it is killed in the end", async () => {
  const polite = namespace.host.spawn("sh", ["-c", "trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done"]);
  await once(polite.stdout, "data");
  assert.deepEqual(await polite.stop(), { status: 5, signal: null });
  const stubborn = namespace.host.spawn("sh", ["-c", "trap '' TERM; echo up; while :; do sleep 0.01; done"]);
  await once(stubborn.stdout, "data");
  assert.deepEqual(await stubborn.stop(millis(50)), { status: null, signal: "SIGKILL" });
  await stubborn.kill("SIGTERM");
});

test("a program that was stopped goes on, and both its end and that of one still stopped are told", async () => {
  for (const last of ["SIGCONT", "SIGKILL"] as const) {
    await using program = namespace.host.spawn("cat");
    program.stdin.write("before");
    await once(program.stdout, "data");
    const pid = await program.pid();
    const entry = / \(cat\) \S (\d+) /.exec(await readFile(`/proc/${pid}/stat`, "utf8"))?.[1];
    await program.kill("SIGSTOP");
    const isStopped = async () => / \(nsenter\) T /.test(await readFile(`/proc/${entry}/stat`, "utf8"));
    await until("nsenter stopped", isStopped);
    await program.kill(last);
    program.stdin.end();
    const { status } = await program.exited;
    assert.equal(status, last === "SIGCONT" ? 0 : null);
  }
});

test("the process id of a program is that of the program, as the starter sees it", async () => {
  await using program = namespace.host.spawn("sleep", ["1000"]);
  const pid = await program.pid();
  assert.match(await readFile(`/proc/${pid}/status`, "utf8"), /^NSpid:\t\d+\t\d+$/m);
});

test("the command for a person opens a shell in the same network", async () => {
  const [program = "", ...args] = namespace.host.shellCommand("sh");
  const { stdout } = await run(program, [...args, "-c", "hostname; readlink /proc/self/ns/net"]);
  const own = await namespace.host.exec("readlink", ["/proc/self/ns/net"]);
  assert.equal(stdout, `alone\n${own.stdout}`);
});

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

test("an ordinary user gets a lab in a user namespace, or is told which setting forbids it", async () => {
  // The same user under another number and without capabilities: what a program of an ordinary user is.
  const asUser = ["--user", "--map-user=1000", "--map-group=1000", "--", process.execPath, ...sourceFlags];
  const verbs = "intercept wan0; hijack wan0; bloat wan0 200ms; deafen wan0; strict wan0; unroute wan0";
  const script = `cut wan0; run edge -- cat /sys/class/net/wan0/carrier; heal wan0; ${verbs}; add dhcp; run edge -- id -u`;
  const { stdout } = await run("unshare", [...asUser, main, "--script", script]).catch((error: { stderr: string }) => ({
    stdout: error.stderr,
  }));
  assert.match(stdout, /^done, .*\n0\n(done, .*\n){7}wan3 at isp-d, .*\n0\n$|may not make user namespaces \(.* = .*\)/);
});

test("without the privilege for namespaces the reason and the way out are told, with exit status 3", async () => {
  const poor = ["--bounding-set", "-sys_admin", "--", process.execPath, ...sourceFlags, main, "--script", "show"];
  await assert.rejects(run("setpriv", poor), (error: { code: number; stderr: string }) => {
    assert.equal(error.code, 3);
    assert.match(
      error.stderr,
      /does not let this user make namespaces: run as root with CAP_SYS_ADMIN.*not permitted/s,
    );
    return true;
  });
});
