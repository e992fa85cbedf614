/**
 * What the daemon costs while nothing happens but its own probes: healthy uplinks, no events, in a PID namespace of its own. A
 * shell that only uses its builtins reads the figures inside, because any process or thread that started there would be counted.
 */
import { createInterface } from "node:readline";
import type { Family } from "@ropewalk/kernel/addresses";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import { probeConfiguration } from "@ropewalk/lab/probe-configuration";
import { type DaemonConfiguration, DaemonInLab, daemonCommand } from "./daemon-in-lab.ts";
import { atMost, describeMachine, type RaceOptions, type RaceReport, type RaceRow } from "./race.ts";

export interface Sample {
  /** Seconds since the daemon answered. */
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
/** Words before the daemon's own that let `sample` look at it. */
export const ownPids = [
  "unshare",
  "--pid",
  "--fork",
  "--kill-child=KILL",
  "--mount-proc",
  "sh",
  "-c",
  watcher,
  "watcher",
];

interface Load {
  readonly uplinks: number;
  /** Probes of the uplinks in a second, besides their checks. */
  readonly says: string;
  /** Most of one core, in per cent. */
  readonly processor: number;
  readonly configuration: (lab: Lab) => DaemonConfiguration;
}

function probing(profile: "normal" | "fast", families: readonly Family[] = ["ipv4", "ipv6"]): Load["configuration"] {
  return (lab) => ({ toml: probeConfiguration(lab, families), settings: { BACKHAUL_PROBE_PROFILE: profile } });
}

const loads: Readonly<Record<string, Load>> = {
  none: {
    uplinks: 4,
    processor: 1,
    says: "nothing is probed",
    configuration: () => ({ toml: "", settings: { BACKHAUL_PROBE_ENABLED: "false" } }),
  },
  normal: {
    uplinks: 4,
    processor: 1,
    says: "1 Hz × 2 targets × 4 uplinks × 2 families",
    configuration: probing("normal"),
  },
  "normal-ipv4": {
    uplinks: 4,
    processor: 1,
    says: "1 Hz × 2 targets × 4 uplinks, IPv4",
    configuration: probing("normal", ["ipv4"]),
  },
  fast: {
    uplinks: 2,
    processor: 4,
    says: "20 Hz × 2 targets × 2 uplinks, IPv4",
    configuration: probing("fast", ["ipv4"]),
  },
  "fast-both": {
    uplinks: 2,
    processor: 8,
    says: "20 Hz × 2 targets × 2 uplinks × 2 families",
    configuration: probing("fast"),
  },
};

export async function race(options: RaceOptions): Promise<RaceReport> {
  const minutes = Number(options["minutes"] ?? 45);
  const from = options["from"] === "source" ? "source" : "dist";
  const profile = options["profile"] ?? "none";
  const load = loads[profile];
  if (load === undefined) throw new Error(`--profile is one of ${Object.keys(loads).join(", ")}, not "${profile}"`);
  await using lab = await createLab({ uplinks: load.uplinks });
  const command = [...ownPids, ...daemonCommand(from)];
  await using daemon = await DaemonInLab.start(lab.host("edge"), command, load.configuration(lab));
  const samples = await sample(daemon.process, minutes);
  await expectHealthy(daemon, profile);
  return {
    race: "idle",
    machine: describeMachine(),
    rounds: `${minutes} minutes, ${load.uplinks} uplinks, probing: ${profile} (${load.says}), from ${from}`,
    rows: judge(samples, from, load),
  };
}

/** What does not probe is cheap, and is no measurement of probing. */
async function expectHealthy(daemon: DaemonInLab, profile: string): Promise<void> {
  const { backhaul } = await daemon.status();
  const expected = profile === "none" ? "unknown" : "up";
  const other = backhaul.uplinks.find(({ state }) => state !== expected);
  if (other !== undefined) throw new Error(`${other.name} is ${other.state}, not ${expected}: ${other.reason.text}`);
}

/** One a minute, of a daemon that was started with `ownPids`. */
export async function sample(shell: LabProcess, minutes: number): Promise<readonly Sample[]> {
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

function judge(samples: readonly Sample[], from: "source" | "dist", load: Load): RaceRow[] {
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
      load.processor,
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
