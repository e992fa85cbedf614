/**
 * Runs the tests of a file in a network namespace of their own: the file starts itself again under `unshare`, with a
 * /sys that shows that namespace, and its results go to the runner as if nothing had happened in between.
 */
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const marker = "ROPEWALK_TEST_NAMESPACE";
/** Past it the file is killed and has failed: a test that hangs must not hold up the others. */
const longestRunMs = 110_000;
const enter = 'mount -t sysfs sysfs /sys && ip link set lo up && exec setpriv --pdeathsig KILL -- "$@"';

/** Processes of its own as well: whatever a test leaves running ends with it. */
export const ownProcesses: readonly string[] = ["--pid", "--fork", "--kill-child=KILL", "--mount-proc"];

/** `nodeOptions` are for the process in the namespace, besides those of this one; `namespaces` are more of unshare's. */
export function inOwnNamespace(
  file: string,
  defineTests: () => void,
  nodeOptions: readonly string[] = [],
  namespaces: readonly string[] = [],
): void {
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
  const unshare = [...namespaces, "--net", "--mount", "--propagation", "private", "--", "sh", "-c", enter, "sh"];
  const { status } = spawnSync("unshare", [...unshare, process.execPath, ...process.execArgv, ...nodeOptions, file], {
    stdio: "inherit",
    env: { ...process.env, [marker]: "1" },
    timeout: longestRunMs,
    killSignal: "SIGKILL",
  });
  process.exitCode = status ?? 1;
}
