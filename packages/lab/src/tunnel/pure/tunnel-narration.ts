/** The tunnel's demo in words: lines of text, for a terminal or a file alike. */
import type { StepName } from "../../demo/pure/report.ts";
import { type TunnelReport, type TunnelStep, wrongInAll } from "./tunnel-report.ts";
import { keyEvery, type TunnelPace } from "./tunnel-script.ts";
import type { LaneWord } from "./tunnel-story.ts";

/** What there is to see, before anything moves. */
export function openingLines(
  drawing: string,
  { length, pace }: TunnelPace["file"],
  settings: Readonly<Record<string, string>>,
): readonly string[] {
  return [
    "A lab of network namespaces; nothing of it touches this machine's own network, and nothing is left when it ends.",
    "",
    drawing,
    "",
    "Ropewalk  a node runs in edge, with these settings and the lab's servers to measure against:",
    ...Object.entries(settings).map(([key, value]) => `            ROPEWALK_${key}=${value}`),
    "tunnel    `ropewalk tunnel source` in edge, beside the node, and `ropewalk tunnel destination` in target-1; as shipped",
    `ssh       through it, a login to target-1: a key is pressed each ${keyEvery} ms, and its echo waited for`,
    `download  through it, one file of ${octets(length)} at ${rate((pace * 8) / 1e6)}, checked by its SHA-256`,
    "",
  ];
}

/** What one second was like. */
export interface TunnelTick {
  /** Since the traffic began. */
  readonly second: number;
  readonly by: string | null;
  /** Echoes in that second, and the longest wait for one. */
  readonly keys: number;
  readonly longestMs: number;
  readonly megabitsPerSecond: number;
  readonly total: number;
}

export function tickLine({ second, by, keys, longestMs, megabitsPerSecond, total }: TunnelTick): string {
  const echoes = `${String(keys).padStart(3)} keys, ${milliseconds(longestMs).padStart(8)} at most`;
  const file = `${rate(megabitsPerSecond).padStart(12)}, ${octets(total).padStart(8)}`;
  return `${String(second).padStart(4)} s  ssh ${echoes}   download ${file}   lane by ${by ?? "no uplink"}`;
}

export function laneLine({ event, by, detail }: Pick<LaneWord, "event" | "by" | "detail">): string {
  return `        tunnel: ${event}${by === null ? "" : ` ${by}`}${detail === "" ? "" : ` (${detail})`}`;
}

export function stepLines({ from, to, node, lane, ssh, download, wrong }: TunnelStep): readonly string[] {
  const told = node.toldAfterMs === null ? "not told" : `told after ${milliseconds(node.toldAfterMs)}`;
  return [
    "",
    `   node      ${from} -> ${to}, ${told}: ${node.cause ?? "no cause"}`,
    ...lane.map(
      ({ afterMs, event, by, detail }) =>
        `   tunnel    after ${milliseconds(afterMs)}: ${event}${by === null ? "" : ` ${by}`}${detail === "" ? "" : ` (${detail})`}`,
    ),
    `   ssh       a key waited ${milliseconds(ssh.longestMs)} at most, of ${ssh.keys}`,
    `   download  ${download.longestPauseMs === 0 ? "never still for 20 ms" : `still for ${milliseconds(download.longestPauseMs)} at most`}`,
    ...wrong.map((what) => `   WRONG     ${what}`),
  ];
}

const shortNames: Readonly<Record<StepName, string>> = {
  cut: "cable cut",
  repair: "cable back",
  blackhole: "silent blackhole",
  recovery: "blackhole over",
};

export function summaryLines(report: TunnelReport): readonly string[] {
  const { steps, ssh, download, ok, tookSeconds } = report;
  const rows = steps.map(({ step, from, to, ssh: { longestMs }, download: { longestPauseMs } }) =>
    [
      shortNames[step].padEnd(18),
      `${from} -> ${to}`.padEnd(14),
      milliseconds(longestMs).padStart(14),
      (longestPauseMs === 0 ? "-" : milliseconds(longestPauseMs)).padStart(16),
    ].join(""),
  );
  return [
    `${"".padEnd(18)}${"lane".padEnd(14)}${"ssh stalled".padStart(14)}${"download stalled".padStart(16 + 2)}`,
    ...rows,
    "",
    `ssh       ${ssh.ended === null ? "the login lives" : "the login is over"}: ${ssh.echoed} of ${ssh.pressed} keys were echoed, each as it was pressed`,
    `download  ${download.octets} of ${download.wanted} octets; the SHA-256 ${download.isWhole ? "is that of what was sent" : "is ANOTHER than that of what was sent"}`,
    ...wrongInAll(report).map((what) => `WRONG     ${what}`),
    `${ok ? "Nothing was lost" : "NOT everything came out as said"}; it took ${tookSeconds} s.`,
  ];
}

function octets(count: number): string {
  return count >= 1 << 30 ? `${(count / (1 << 30)).toFixed(2)} GiB` : `${Math.round(count / (1 << 20))} MiB`;
}

function rate(megabits: number): string {
  return `${megabits.toFixed(1)} Mbit/s`;
}

function milliseconds(value: number): string {
  return value < 1_000 ? `${value} ms` : `${(value / 1_000).toFixed(1)} s`;
}
