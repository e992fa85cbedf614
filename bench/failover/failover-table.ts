/** What the race of drivers found, and the rows that it makes; figures come in the order in which they were first measured. */
import { percentile, type RaceRow } from "../race.ts";

/** The only column that is judged. */
export const ownColumn = "ropewalk";

/** A `time` is judged by its 99th percentile, a `count` by the greatest of a trial. */
export interface Figure {
  readonly kind: "time" | "count";
  readonly metric: string;
  readonly unit: string;
  /** Null: told, and not judged. */
  readonly goal: number | null;
}

/** What a part tells of, each figure under its own name. */
export interface Findings {
  record(figure: Figure, column: string, value: number): void;
  note(sentence: string): void;
}

/** The same findings, with `circumstances` before each name. */
export function under(circumstances: string, findings: Findings): Findings {
  return {
    record: (figure, column, value) =>
      findings.record({ ...figure, metric: `${circumstances}: ${figure.metric}` }, column, value),
    note: (sentence) => findings.note(sentence),
  };
}

type Cells = Record<string, number | "not run">;

export class FailoverTable implements Findings {
  readonly #figures = new Map<string, Figure>();
  readonly #samples = new Map<string, Map<string, number[]>>();
  readonly #columns: readonly string[];
  readonly #notRun = new Set<string>();
  readonly #notes: string[] = [];

  /** `columns` are the others' in the order of the table. */
  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  record(figure: Figure, column: string, value: number): void {
    const { metric } = figure;
    this.#figures.set(metric, figure);
    const columns = this.#samples.get(metric) ?? new Map<string, number[]>();
    this.#samples.set(metric, columns);
    columns.set(column, [...(columns.get(column) ?? []), value]);
  }

  /** The column is shown as not run, whatever was measured before. */
  leaveOut(column: string, why: string): void {
    this.#notRun.add(column);
    this.note(`not run: ${why}`);
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

  rows(): readonly RaceRow[] {
    return [...this.#figures.values()].flatMap((figure) =>
      figure.kind === "time" ? this.#times(figure) : this.#most(figure),
    );
  }

  #times(figure: Figure): readonly RaceRow[] {
    const own = this.#samples.get(figure.metric)?.get(ownColumn);
    return [
      this.#row(figure, "p50", 0.5, null),
      ...(own === undefined ? [] : [this.#row(figure, "p99", 0.99, figure.goal)]),
      this.#row(figure, own === undefined ? "max" : `max of ${own.length}`, 1, null),
    ];
  }

  #most(figure: Figure): readonly RaceRow[] {
    return [this.#row(figure, "most of a trial", 1, figure.goal)];
  }

  #row({ metric, unit }: Figure, what: string, share: number, goal: number | null): RaceRow {
    const at = (column: string) => {
      const samples = this.#samples.get(metric)?.get(column);
      return samples === undefined ? undefined : percentile(samples, share);
    };
    const ours = at(ownColumn) ?? null;
    // The 99th percentile of a few rounds is their greatest, which has a row.
    const peers = what === "p99" ? {} : this.#peers(at);
    const judged = ours === null ? null : goal;
    const met = judged === null || (ours !== null && ours <= judged);
    return { metric: `${metric}: ${what}`, unit, ours, peers, goal: judged, met };
  }

  #peers(at: (column: string) => number | undefined): Cells {
    const cells = this.#columns.map((column) => [column, this.#notRun.has(column) ? "not run" : at(column)] as const);
    return Object.fromEntries(cells.filter((cell): cell is [string, number | "not run"] => cell[1] !== undefined));
  }
}
