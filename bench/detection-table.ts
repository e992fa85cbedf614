/** What the race of monitors found, and the rows that it makes: a block for each round-trip time and direction. */
import { type BlackholeWay, blackholeWays } from "./blackhole.ts";
import { percentile, type RaceRow } from "./race.ts";

/** The only column that is judged. */
export const ownColumn = "ropewalk";

/** Node's timers are good to a millisecond; the rest is the way through two shared cores to a subscriber. */
const granularityMs = 10;
/** At short round-trip times the goal is a figure; at long ones it is what the detector states of itself. */
const shortRoundTripMs = 10;
const shortGoalMs = 200;

const wayNames = { both: "both ways", tx: "tx alone", rx: "rx alone" } as const satisfies Record<BlackholeWay, string>;

export class DetectionTable {
  readonly #times = new Map<string, number[]>();
  readonly #bounds = new Map<string, number[]>();
  readonly #falseDowns = new Map<string, number>();
  readonly #roundTripsMs = new Set<number>();
  readonly #columns: readonly string[];
  readonly #notRun = new Set<string>();
  readonly #notes: string[] = [];

  /** `columns` are the peers' in the order of the table. */
  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  record(roundTripMs: number, way: BlackholeWay, found: ReadonlyMap<string, number>): void {
    this.#roundTripsMs.add(roundTripMs);
    for (const [column, time] of found) append(this.#times, key(roundTripMs, way, column), time);
  }

  /** The silence detector's bound as the daemon stated it just before a fault. */
  recordBound(roundTripMs: number, way: BlackholeWay, boundMs: number): void {
    append(this.#bounds, key(roundTripMs, way, ownColumn), boundMs);
  }

  countFalseDowns(roundTripMs: number, column: string, count: number): void {
    const place = `${roundTripMs}/${column}`;
    this.#falseDowns.set(place, (this.#falseDowns.get(place) ?? 0) + count);
  }

  /** The columns are shown as not run, whatever was measured before. */
  leaveOut(columns: readonly string[], why: string): void {
    for (const column of columns) this.#notRun.add(column);
    this.note(`not run: ${why}`);
  }

  isLeftOut(columns: readonly string[]): boolean {
    return columns.some((column) => this.#notRun.has(column));
  }

  note(sentence: string): void {
    if (!this.#notes.includes(sentence)) this.#notes.push(sentence);
  }

  get notes(): readonly string[] {
    return this.#notes;
  }

  rows(): readonly RaceRow[] {
    return [...this.#roundTripsMs]
      .toSorted((a, b) => a - b)
      .flatMap((roundTripMs) => [
        ...blackholeWays.flatMap((way) => this.#wayRows(roundTripMs, way)),
        this.#falseDownRow(roundTripMs),
      ]);
  }

  #wayRows(roundTripMs: number, way: BlackholeWay): readonly RaceRow[] {
    const name = `RTT ${roundTripMs} ms, ${wayNames[way]}`;
    const samples = this.#times.get(key(roundTripMs, way, ownColumn));
    const own = (share: number) => (samples === undefined ? null : percentile(samples, share));
    const medians = this.#peers((column) => {
      const times = this.#times.get(key(roundTripMs, way, column));
      return times === undefined ? undefined : percentile(times, 0.5);
    });
    if (samples === undefined && Object.keys(medians).length === 0) return [];
    const goal = this.#goal(roundTripMs, way);
    const p99 = own(0.99);
    const quiet = { unit: "ms", peers: {}, goal: null, met: true };
    const middle = { ...quiet, metric: `${name}: p50`, ours: own(0.5), peers: medians };
    if (samples === undefined) return [middle];
    return [
      middle,
      { ...quiet, metric: `${name}: p99`, ours: p99, goal, met: p99 !== null && p99 <= goal },
      { ...quiet, metric: `${name}: max of ${samples.length}`, ours: own(1) },
    ];
  }

  /** 3 × interval + srtt + 4 × rttvar: the daemon states what is beyond the line's own time, which is known. */
  #goal(roundTripMs: number, way: BlackholeWay): number {
    if (roundTripMs <= shortRoundTripMs) return shortGoalMs;
    const bounds = this.#bounds.get(key(roundTripMs, way, ownColumn)) ?? [];
    return percentile(bounds, 0.5) + roundTripMs + granularityMs;
  }

  #falseDownRow(roundTripMs: number): RaceRow {
    const count = (column: string) => this.#falseDowns.get(`${roundTripMs}/${column}`);
    const ours = count(ownColumn) ?? null;
    return {
      metric: `RTT ${roundTripMs} ms: false downs between the faults`,
      unit: "",
      ours,
      peers: this.#peers(count),
      goal: ours === null ? null : 0,
      met: ours === null || ours === 0,
    };
  }

  #peers(figure: (column: string) => number | undefined): Record<string, number | "not run"> {
    const cells = this.#columns.map(
      (column) => [column, this.#notRun.has(column) ? "not run" : figure(column)] as const,
    );
    return Object.fromEntries(cells.filter((cell): cell is [string, number | "not run"] => cell[1] !== undefined));
  }
}

function key(roundTripMs: number, way: BlackholeWay, column: string): string {
  return `${roundTripMs}/${way}/${column}`;
}

function append(all: Map<string, number[]>, place: string, value: number): void {
  const list = all.get(place) ?? [];
  list.push(value);
  all.set(place, list);
}
