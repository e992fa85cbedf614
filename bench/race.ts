/** What every measurement here reports, and how it is printed: one table for people, one object for programs. */
import { cpus, release, totalmem } from "node:os";

/** What was said on the command line, by name. */
export type RaceOptions = Readonly<Record<string, string | undefined>>;

export interface RaceRow {
  readonly metric: string;
  readonly unit: string;
  /** Null when others alone were measured. */
  readonly ours: number | null;
  /** What others do, by name; empty where nobody else was measured. */
  readonly peers: Readonly<Record<string, number | "not run">>;
  /** Null: told, and not judged. */
  readonly goal: number | null;
  /** Whether `ours` is at most `goal`, or at least where more is better; true without a goal. */
  readonly met: boolean;
  /** Left out: less is. */
  readonly better?: "more";
}

export interface RaceReport {
  readonly race: string;
  readonly machine: string;
  /** Trials or rounds behind each row, in words. */
  readonly rounds: string;
  readonly rows: readonly RaceRow[];
  /** The column of what nobody can beat, for it does not do the work: no rival. */
  readonly baseline?: string;
  /** What a reader must know besides, a sentence each. */
  readonly notes?: readonly string[];
}

/** A row whose goal is an upper bound. */
export function atMost(metric: string, unit: string, ours: number, goal: number): RaceRow {
  return { metric, unit, ours, peers: {}, goal, met: ours <= goal };
}

/** A row that is told and not judged. */
export function told(metric: string, unit: string, ours: number | null): RaceRow {
  return { metric, unit, ours, peers: {}, goal: null, met: true };
}

export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`;
}

/** The value below which `share` (0…1) of the samples lie, by the nearest-rank method; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function renderReport(report: RaceReport): string {
  const peers = [...new Set(report.rows.flatMap((row) => Object.keys(row.peers)))];
  const header = ["metric", "unit", "ropewalk", ...peers, "goal", "met"];
  const lines = report.rows.map((row) => [
    row.metric,
    row.unit,
    format(row.ours),
    ...peers.map((peer) => format(row.peers[peer] ?? null)),
    goalOf(row),
    row.goal === null ? "" : row.met ? "yes" : "NO",
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const notes = report.notes === undefined || report.notes.length === 0 ? [] : ["", ...report.notes];
  const title = [`${report.race}: ${report.rounds}`, report.machine, ""];
  return [...title, text(header), ...lines.map(text), ...notes, ""].join("\n");
}

/** "≤ 6", "≥ 1.50", or nothing. */
export function goalOf({ goal, better }: RaceRow): string {
  if (goal === null) return "";
  return `${better === "more" ? "≥" : "≤"} ${format(goal)}`;
}

export function format(value: number | string | null): string {
  if (value === null || typeof value === "string") return value ?? "";
  if (value === Number.POSITIVE_INFINITY) return "never";
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}
