/** A program for tests: opens a lab, breaks it in every way that starts a process, says what it is made of, and stays. */
import { readlink } from "node:fs/promises";
import { millis } from "@ropewalk/kernel/units";
import { createLab } from "@ropewalk/lab/lab";

const lab = await createLab({ uplinks: 2 });
await lab.delay("wan0", millis(5));
await lab.portal("wan1");
await lab.disturb(millis(50));
const daemon = lab.host("edge").spawn("sh", ["-c", "sleep 1000 & trap '' TERM HUP INT; sleep 1000"]);
const hosts = lab.hostNames.map((name) => lab.host(name));
const namespaces = hosts.flatMap(({ pid }) =>
  ["net", "mnt", "pid", "uts"].map((kind) => readlink(`/proc/${pid}/ns/${kind}`)),
);
process.stdout.write(`${JSON.stringify({ namespaces: await Promise.all(namespaces), daemon: await daemon.pid() })}\n`);
