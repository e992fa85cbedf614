/** The demo in words: lines of text, for a terminal or a file alike. */
import type { NodeWord } from "./node-story.ts";
import type { DemoReport, Step, StepName } from "./report.ts";

/** What there is to see, before anything moves. */
export function openingLines(drawing: string, settings: Readonly<Record<string, string>>): readonly string[] {
  return [
    "A lab of network namespaces; nothing of it touches this machine's own network, and nothing is left when it ends.",
    "",
    drawing,
    "",
    "edge      the site's router; it translates what its LAN sends to the address of the uplink (nft, masquerade)",
    "Ropewalk  runs in edge, with these settings and the lab's servers to measure against:",
    ...Object.entries(settings).map(([key, value]) => `            ROPEWALK_${key}=${value}`),
    "download  edge gets pieces of 2 MB from target-1, which gives them at 20 Mbit/s, each by a connection of its own",
    "call      the LAN's client sends 50 packets a second to target-2, which sends each back",
    "",
  ];
}

/** What one second was like. */
export interface Tick {
  /** Since the traffic began. */
  readonly second: number;
  readonly download: { readonly megabitsPerSecond: number; readonly by: string | null };
  /** Packets in that second: at the far end, and back. */
  readonly call: { readonly there: number; readonly back: number; readonly by: string | null };
}

export function tickLine({ second, download, call }: Tick): string {
  const rate = `${download.megabitsPerSecond.toFixed(1)} Mbit/s`.padStart(11);
  const packets = `${String(call.there).padStart(2)} there, ${String(call.back).padStart(2)} back`;
  return `${String(second).padStart(4)} s  download ${rate} by ${name(download.by)}   call ${packets} by ${name(call.by)}`;
}

export function wordLine(word: NodeWord): string | undefined {
  switch (word.kind) {
    case "picture":
      return undefined;
    case "uplink":
      return `        Ropewalk: ${word.name} is ${word.state}: ${word.reason}`;
    case "moved":
      return `        Ropewalk: IPv4 goes by ${word.to}: ${word.cause}`;
    case "ended":
      return `        Ropewalk: ${word.evidence.join(", ")}`;
  }
}

export function stepLines(step: Step): readonly string[] {
  const { call, download, ropewalk, nextCallBy } = step;
  const told = ropewalk.toldAfterMs === null ? "not told" : `told after ${milliseconds(ropewalk.toldAfterMs)}`;
  const lost = `${call.lost} of ${call.answered + call.lost} packets lost`;
  const [before, now] = [download.megabitsPerSecondBefore, download.megabitsPerSecondAfter].map((rate) =>
    rate.toFixed(1),
  );
  const next = nextCallBy === null ? "" : `; a call begun now goes by ${nextCallBy}`;
  return [
    "",
    `   moved     ${step.from} -> ${step.to}, ${told}: ${ropewalk.cause ?? "no cause"}`,
    ...(ropewalk.verdict === null ? [] : [`             ${ropewalk.verdict}`]),
    `   call      silent for ${milliseconds(call.longestSilenceMs)} at most, ${lost}; goes by ${name(call.by)}${next}`,
    `   download  ${pause(download.longestPauseMs)}, ${breaks(download.broken)}; ${before} -> ${now} Mbit/s, by ${name(download.by)}`,
    ...step.wrong.map((what) => `   WRONG     ${what}`),
  ];
}

const shortNames: Readonly<Record<StepName, string>> = {
  cut: "cable cut",
  repair: "cable back",
  blackhole: "silent blackhole",
  recovery: "blackhole over",
};

const head = ["", "traffic", "call silent", "lost", "download still", "broken"] as const;

export function summaryLines({ steps, leftBehind, ok, tookSeconds }: DemoReport): readonly string[] {
  const rows = steps.map(({ step, from, to, call, download }) => [
    shortNames[step],
    `${from} -> ${to}`,
    milliseconds(call.longestSilenceMs),
    String(call.lost),
    download.longestPauseMs === 0 ? "-" : milliseconds(download.longestPauseMs),
    String(download.broken.length),
  ]);
  return [
    ...table([head, ...rows]),
    "",
    "A call of 50 packets a second is silent for 20 ms between two of them.",
    leftBehind.length === 0
      ? "everything given back: rules, routes, settings, firewall and names of edge are as they were before Ropewalk."
      : `NOT everything given back; these print something else than before: ${leftBehind.join("; ")}`,
    `${ok ? "Each step came out as said" : "NOT every step came out as said"}; it took ${tookSeconds} s.`,
  ];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

function breaks(reasons: readonly string[]): string {
  if (reasons.length === 0) return "no connection broke";
  return `${reasons.length === 1 ? "1 connection" : `${reasons.length} connections`} broke (${reasons.join(", ")})`;
}

function pause(ms: number): string {
  return ms === 0 ? "never still for 20 ms" : `still for ${milliseconds(ms)} at most`;
}

function milliseconds(value: number): string {
  return value < 1_000 ? `${value} ms` : `${(value / 1_000).toFixed(1)} s`;
}

function name(uplink: string | null): string {
  return uplink ?? "no uplink";
}
