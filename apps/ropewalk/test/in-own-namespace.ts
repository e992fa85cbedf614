/**
 * Runs the tests of a file in a network namespace of their own: the file starts itself again under `unshare`, with a
 * /sys that shows that namespace and a /run of its own, and its results go to the runner as if nothing had happened in between.
 */
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const marker = "ROPEWALK_TEST_NAMESPACE";
/** Past it the file is killed and has failed: a test that hangs must not hold up the others. */
const longestRunMs = 110_000;
const enter =
  'mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /run && mount -t proc proc /proc && ip link set lo up && exec setpriv --pdeathsig KILL -- "$@"';

export function inOwnNamespace(file: string, defineTests: () => void): void {
  if (process.env[marker] !== undefined) {
    defineTests();
    return;
  }
  if (process.getuid?.() !== 0) {
    test("needs root, to make a network namespace", () => {
      throw new Error("Run this test as root: it makes a network namespace of its own.");
    });
    return;
  }
  // With its own processes: what outlives a program of the test does not outlive the test.
  const unshare = [
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child=KILL",
    "--propagation",
    "private",
    "--",
    "sh",
    "-c",
    enter,
    "sh",
  ];
  const { status } = spawnSync("unshare", [...unshare, process.execPath, ...process.execArgv, file], {
    stdio: "inherit",
    env: { ...process.env, [marker]: "1" },
    timeout: longestRunMs,
    killSignal: "SIGKILL",
  });
  process.exitCode = status ?? 1;
}
