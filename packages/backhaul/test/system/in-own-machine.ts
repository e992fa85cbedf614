/**
 * Runs the tests of a file as if on a machine of its own: fresh network and processes, an empty /run, and /etc and
 * /var/lib that keep nothing. The file starts itself again under `unshare`; when it ends, so does everything it started.
 */
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const marker = "ROPEWALK_TEST_MACHINE";
/** Past it the file is killed and has failed: a test that hangs must not hold up the others. */
const longestRunMs = 110_000;

/** Programs that look for udev take a /sys that cannot be written as a container without it. */
const enter = `
set -e
mount -t sysfs -o ro sysfs /sys
mount -t tmpfs tmpfs /run
for folder in etc var/lib; do
  mkdir -p "/run/kept/$folder/upper" "/run/kept/$folder/work"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=/run/kept/$folder/upper,workdir=/run/kept/$folder/work" "/$folder"
done
ip link set lo up
exec "$@"`;

export function inOwnMachine(file: string, defineTests: () => void): void {
  if (process.env[marker] !== undefined) {
    defineTests();
    return;
  }
  if (process.getuid?.() !== 0) {
    test("needs root, to make namespaces of its own", () => {
      throw new Error("Run this test as root: it makes network, mount and process namespaces of its own.");
    });
    return;
  }
  const namespaces = [
    "--net",
    "--mount",
    "--propagation",
    "private",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ];
  const command = ["--", "sh", "-c", enter, "sh", process.execPath, ...process.execArgv, file];
  const { status } = spawnSync("unshare", [...namespaces, ...command], {
    stdio: "inherit",
    env: { ...process.env, [marker]: "1" },
    timeout: longestRunMs,
    killSignal: "SIGKILL",
  });
  process.exitCode = status ?? 1;
}
