/** A report as README.md shows it: a table, and below it every row that misses its goal or in which a rival is better. */
import { format, goalOf, type RaceReport, type RaceRow } from "./race.ts";

export function renderMarkdown(report: RaceReport): string {
  const columns = [...new Set(report.rows.flatMap(({ peers }) => Object.keys(peers)))];
  const cells = (row: RaceRow) => [
    row.unit === "" ? row.metric : `${row.metric}, ${row.unit}`,
    row.met ? format(row.ours) : `**${format(row.ours)}**`,
    goalOf(row),
    ...columns.map((column) => format(row.peers[column] ?? null)),
  ];
  const line = (words: readonly string[]) => `|${words.map((word) => (word === "" ? " " : ` ${word} `)).join("|")}|`;
  const head = ["what", "Ropewalk", "goal", ...columns];
  const losses = report.rows.flatMap((row) => lossOf(row, report.baseline));
  return [
    ...[`${report.machine}; ${report.rounds}.`, ""],
    ...[line(head), `|${"---|".repeat(head.length)}`, ...report.rows.map((row) => line(cells(row)))],
    ...(losses.length === 0 ? [] : ["", "Where we lose:", "", ...losses.map((loss) => `- ${loss}`)]),
    ...(report.notes === undefined || report.notes.length === 0 ? [] : ["", ...report.notes]),
    "",
  ].join("\n");
}

function lossOf(row: RaceRow, baseline: string | undefined): readonly string[] {
  const { ours, metric, peers, met } = row;
  if (ours === null) return [];
  const unit = row.unit === "" ? "" : ` ${row.unit}`;
  const isBetter = (figure: number) => (row.better === "more" ? figure > ours : figure < ours);
  const winners = Object.entries(peers).flatMap(([name, figure]) =>
    figure !== "not run" && name !== baseline && isBetter(figure) ? [`${name} ${format(figure)}${unit}`] : [],
  );
  const missed = met ? [] : [`the goal is ${goalOf(row)}${unit}`];
  if (winners.length + missed.length === 0) return [];
  return [`${metric}: ${format(ours)}${unit}; ${[...missed, ...winners].join(", ")}`];
}
