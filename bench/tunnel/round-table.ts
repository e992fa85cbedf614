/**
 * What interleaved rounds found, and the rows that it makes: a figure is the median of its rounds, and a ratio the median of
 * the ratios within each round, for rounds differ more than tunnels do.
 */
import { percentile, type RaceRow } from "../race.ts";
import { ownColumn } from "./entrant.ts";

export type Goal =
  | { readonly kind: "figure"; readonly limit: number }
  /** Ours by theirs. */
  | { readonly kind: "ratio"; readonly to: string; readonly limit: number };

export interface Figure {
  readonly metric: string;
  readonly unit: string;
  readonly better: "less" | "more";
  readonly goals: readonly Goal[];
}

export class RoundTable {
  readonly #figures = new Map<string, Figure>();
  /** By metric, by column, by round. */
  readonly #found = new Map<string, Map<string, Map<number, number>>>();
  readonly #notRun = new Set<string>();
  readonly #notes: string[] = [];

  record(figure: Figure, column: string, round: number, value: number): void {
    this.#figures.set(figure.metric, figure);
    const columns = this.#found.get(figure.metric) ?? new Map<string, Map<number, number>>();
    const rounds = columns.get(column) ?? new Map<number, number>();
    this.#found.set(figure.metric, columns.set(column, rounds.set(round, value)));
  }

  /** The column is shown as not run, whatever was measured before. */
  leaveOut(column: string, why: string): void {
    this.#notRun.add(column);
    this.note(`${column} was not run: ${why}`);
  }

  isLeftOut(column: string): boolean {
    return this.#notRun.has(column);
  }

  note(sentence: string): void {
    if (!this.#notes.includes(sentence)) this.#notes.push(sentence);
  }

  get notes(): readonly string[] {
    return this.#notes;
  }

  /** In the order in which they were first recorded. */
  rows(): readonly RaceRow[] {
    return [...this.#figures.values()].flatMap((figure) => [
      this.#figureRow(figure),
      ...figure.goals.flatMap((goal) => (goal.kind === "ratio" ? this.#ratioRows(figure, goal) : [])),
    ]);
  }

  #figureRow(figure: Figure): RaceRow {
    const columns = this.#found.get(figure.metric) ?? new Map<string, ReadonlyMap<number, number>>();
    const ours = median([...(columns.get(ownColumn)?.values() ?? [])]);
    const others = [...new Set([...columns.keys(), ...this.#notRun])].filter((column) => column !== ownColumn);
    const peers = others.map((column) => {
      const theirs = this.#notRun.has(column) ? "not run" : median([...(columns.get(column)?.values() ?? [])]);
      return [column, theirs] as const;
    });
    const goal = figure.goals.find(({ kind }) => kind === "figure");
    return judged(figure, "", ours, goal, Object.fromEntries(peers.filter(hasFigure)));
  }

  #ratioRows(figure: Figure, goal: Extract<Goal, { readonly kind: "ratio" }>): readonly RaceRow[] {
    const columns = this.#found.get(figure.metric);
    const [ours, theirs] = [columns?.get(ownColumn), columns?.get(goal.to)];
    if (ours === undefined || theirs === undefined || this.#notRun.has(goal.to)) return [];
    const ratios = [...ours].flatMap(([round, own]) => {
      const their = theirs.get(round);
      return their === undefined ? [] : [own / their];
    });
    return [judged({ ...figure, unit: "" }, `, × ${goal.to}`, median(ratios), goal, {})];
  }
}

function judged(
  { metric, unit, better }: Figure,
  suffix: string,
  ours: number | null,
  goal: Goal | undefined,
  peers: RaceRow["peers"],
): RaceRow {
  const limit = ours === null || goal === undefined ? null : goal.limit;
  const isMet = limit === null || ours === null || (better === "more" ? ours >= limit : ours <= limit);
  const direction = better === "more" ? ({ better } as const) : {};
  return { metric: `${metric}${suffix}`, unit, ours, peers, goal: limit, met: isMet, ...direction };
}

function median(values: readonly number[]): number | null {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? null : percentile(known, 0.5);
}

function hasFigure(cell: readonly [string, number | "not run" | null]): cell is readonly [string, number | "not run"] {
  return cell[1] !== null;
}
