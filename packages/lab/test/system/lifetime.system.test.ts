/** What is left of a lab when it ends, however it ends: nothing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { millis } from "@ropewalk/kernel/units";
import { createLab } from "@ropewalk/lab/lab";
import { until } from "./condition.ts";
import { sourceFlags } from "./source-flags.ts";

/** Namespaces by what /proc links to. The kernel gives the numbers out again, so a moment belongs to them. */
interface Home {
  readonly namespaces: ReadonlySet<string>;
  /** Seconds since boot; a process that started later is somebody else's. */
  readonly until: number;
}

async function homeUntilNow(namespaces: Iterable<string>): Promise<Home> {
  const uptime = Number.parseFloat(await readFile("/proc/uptime", "utf8"));
  // A start is told in ticks of 10 ms (proc_pid_stat(5)).
  return { namespaces: new Set(namespaces), until: uptime + 0.01 };
}

/** Every process that lives there, as `pid kind`. */
async function inhabitants({ namespaces, until }: Home): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.flatMap((pid) =>
      ["net", "mnt", "pid", "uts", "user"].map(async (kind) => {
        const link = await readlink(`/proc/${pid}/ns/${kind}`).catch(() => "");
        return namespaces.has(link) && (await startOf(pid)) <= until ? `${pid} ${kind}` : undefined;
      }),
    ),
  );
  return found.filter((entry) => entry !== undefined);
}

async function startOf(pid: string): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The 22nd field; the second may hold blanks and ends with the last bracket.
  const start = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  return Number.isNaN(start) ? Number.POSITIVE_INFINITY : start / 100;
}

async function openedByKeeper() {
  const keeper = spawn(process.execPath, [...sourceFlags, fileURLToPath(new URL("./lab-keeper.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: keeper.stdout }), "line");
  const { namespaces, daemon } = JSON.parse(String(line)) as { namespaces: string[]; daemon: number };
  return { keeper, daemon, home: await homeUntilNow(namespaces) };
}

test("kill -9 of the starter leaves no process and no namespace, not even of a daemon that ignores signals", async (context) => {
  const { keeper, daemon, home } = await openedByKeeper();
  assert.ok((await inhabitants(home)).length > 20);
  assert.match(await readFile(`/proc/${daemon}/comm`, "utf8"), /sh/);
  const start = performance.now();
  keeper.kill("SIGKILL");
  await until("every process of the lab is gone", async () => (await inhabitants(home)).length === 0);
  context.diagnostic(`gone after ${(performance.now() - start).toFixed(0)} ms`);
});

test("the machine's own named namespaces, mounts and links are untouched while a lab stands and after", async () => {
  const look = async () => {
    const links = await readdir("/sys/class/net");
    const named = await readdir("/run/netns").catch(() => []);
    const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").length;
    return { links, named, mounts };
  };
  const before = await look();
  {
    await using lab = await createLab({ uplinks: 1 });
    assert.deepEqual(await look(), before);
    await lab.cut("wan0");
  }
  assert.deepEqual(await look(), before);
});

test("dispose ends every process of the lab, and its programs are told as ended", async () => {
  const lab = await createLab({ uplinks: 2 });
  const namespaces = new Set<string>();
  for (const name of lab.hostNames) namespaces.add(await readlink(`/proc/${lab.host(name).pid}/ns/net`));
  await lab.delay("wan0", millis(5));
  const flapping = await lab.flap("wan1", millis(50));
  const program = lab.host("edge").spawn("sleep", ["1000"]);
  await program.pid();
  const home = await homeUntilNow(namespaces);
  assert.notDeepEqual(await inhabitants(home), []);
  await lab[Symbol.asyncDispose]();
  assert.deepEqual(await inhabitants(home), []);
  assert.equal((await program.exited).signal, "SIGKILL");
  await assert.rejects(flapping.stop(), { code: "LAB_GONE" });
  await assert.rejects(lab.renumber("wan0"), { name: "LabError" });
  await assert.rejects(lab.add(), { name: "LabError" });
});

test("a lab whose building fails half way says why and leaves nothing", async () => {
  const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  // A user namespace may limit itself: the sixth network is refused, when some hosts stand already.
  const limited = 'echo 5 >/proc/sys/user/max_net_namespaces && readlink /proc/self/ns/user && exec "$@"';
  const args = ["--user", "--map-root-user", "sh", "-c", limited, "sh", process.execPath, ...sourceFlags, main];
  const program = spawn("unshare", [...args, "--script", "show"], { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(program, "close");
  const [stdout, stderr] = await Promise.all([text(program.stdout), text(program.stderr)]);
  assert.deepEqual(await exited, [1, null]);
  assert.match(stderr, /host \S+ could not be set up: unshare: .*No space left on device/);
  assert.deepEqual(await inhabitants(await homeUntilNow([stdout.trim()])), []);
});
