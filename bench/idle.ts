/**
 * What the daemon costs while nothing happens: four uplinks, no events, in a PID namespace of its own. A shell that only
 * uses its builtins reads the figures inside, because any process or thread that started there would be counted.
 */
import { createInterface } from "node:readline";
import { createLab } from "@ropewalk/lab/lab";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import { daemonCommand } from "./daemon-in-lab.ts";
import { atMost, describeMachine, type RaceOptions, type RaceReport, type RaceRow } from "./race.ts";

interface Sample {
  /** Seconds since the daemon started. */
  readonly at: number;
  /** User and system time of the daemon since its start, in seconds. */
  readonly cpu: number;
  readonly rssMiB: number;
  readonly lastPid: number;
}

const clockTicksPerSecond = 100;

/** Runs in the lab: `$@` is the daemon. Answers each line of input with stat, VmRSS and the namespace's newest PID. */
const watcher = `
"$@" </dev/null >/dev/null 2>&1 &
pid=$!
while read -r _; do
  read -r stat < /proc/$pid/stat
  while read -r key value unit; do case $key in VmRSS:) rss=$value;; esac; done < /proc/$pid/status
  read -r last < /proc/sys/kernel/ns_last_pid
  echo "$rss $last $stat"
done
kill "$pid"
wait "$pid"
`;

export async function race(options: RaceOptions): Promise<RaceReport> {
  const minutes = Number(options["minutes"] ?? 45);
  const from = options["from"] === "source" ? "source" : "dist";
  await using lab = await createLab({ uplinks: 4 });
  const environment = [
    "ROPEWALK_STATE_DIR=/run/idle",
    "ROPEWALK_RUNTIME_DIR=/run/idle",
    "ROPEWALK_BACKHAUL_PROBE_ENABLED=false",
  ];
  const command = ["env", ...environment, ...daemonCommand(from), "node"];
  const shell = lab
    .host("edge")
    .spawn("unshare", [
      "--pid",
      "--fork",
      "--kill-child=KILL",
      "--mount-proc",
      "sh",
      "-c",
      watcher,
      "watcher",
      ...command,
    ]);
  shell.stderr.pipe(process.stderr);
  const samples = await sample(shell, minutes);
  return {
    race: "idle",
    machine: describeMachine(),
    rounds: `${minutes} minutes, four uplinks, from ${from}`,
    rows: judge(samples, from),
  };
}

async function sample(shell: LabProcess, minutes: number): Promise<readonly Sample[]> {
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  const began = performance.now();
  const samples: Sample[] = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    await new Promise((resolve) => setTimeout(resolve, began + minute * 60_000 - performance.now()));
    shell.stdin.write("\n");
    const { value: line } = await lines.next();
    if (line === undefined) throw new Error("the daemon's namespace ended");
    samples.push(parseSample(line, (performance.now() - began) / 1000));
  }
  return samples;
}

/** proc(5): utime and stime are fields 14 and 15 of stat, counted behind the name in parentheses. */
function parseSample(line: string, at: number): Sample {
  const [rss = "", lastPid = ""] = line.split(" ");
  const fields = line
    .slice(line.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return {
    at,
    cpu: ((fields[11] ?? 0) + (fields[12] ?? 0)) / clockTicksPerSecond,
    rssMiB: Number(rss) / 1024,
    lastPid: Number(lastPid),
  };
}

function judge(samples: readonly Sample[], from: "source" | "dist"): RaceRow[] {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) throw new Error("no sample was taken");
  const at = (minute: number) => samples[minute - 1];
  const rows = [
    atMost("resident memory at the end", "MiB", last.rssMiB, from === "dist" ? 110 : 130),
    atMost(
      "processor, of one core, after the first minute",
      "%",
      (100 * (last.cpu - first.cpu)) / (last.at - first.at),
      1,
    ),
  ];
  const settled = at(15);
  const late = at(45);
  if (settled !== undefined && late !== undefined)
    rows.push(atMost("growth from minute 15 to 45", "MiB", late.rssMiB - settled.rssMiB, 0.5));
  const tenBefore = at(samples.length - 10);
  if (tenBefore !== undefined)
    rows.push(atMost("processes and threads started in the last 10 minutes", "", last.lastPid - tenBefore.lastPid, 0));
  return rows;
}
