/** The race of monitors while the line has one round-trip time: rounds of turns, in another order each time. */
import { millis } from "@ropewalk/kernel/units";
import type { Lab } from "@ropewalk/lab/lab";
import { Blackhole, type BlackholeWay, blackholeWays } from "./blackhole.ts";
import { type DetectionTable, ownColumn } from "./detection-table.ts";
import type { Peer, RunningPeer } from "./peers/peer.ts";
import { RopewalkMonitor, shortReturn } from "./ropewalk-monitor.ts";
import { createWatcher, strike, type Watcher } from "./trial.ts";

export interface LinePlan {
  readonly roundTripMs: number;
  /** Of Ropewalk, in each direction; 0 leaves it out. */
  readonly trials: number;
  readonly rounds: number;
  readonly peers: readonly Peer[];
}

type Place = "wan0" | "wan1";
/** Peers that stay have an uplink of their own; everybody else takes turns on the other. Ropewalk watches both. */
const places = { turn: "wan0", line: "wan1" } as const satisfies Record<Peer["stays"], Place>;
const ownLimits = { downLimitMs: 10_000, upLimitMs: 60_000, restMs: 0 };
const ownWarmUpMs = 3_000;

export async function raceLine(lab: Lab, plan: LinePlan, table: DetectionTable): Promise<void> {
  for (const place of Object.values(places)) {
    await lab.delay(place, plan.roundTripMs === 0 ? undefined : millis(plan.roundTripMs / 2));
  }
  await using line = await Line.open(lab, plan, table);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [index, way] of blackholeWays.entries()) {
      const turns = line.turns(way);
      const first = (round + index) % Math.max(1, turns.length);
      for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) await turn();
      process.stderr.write(`RTT ${plan.roundTripMs} ms, ${way}: round ${round + 1} of ${plan.rounds} is done\n`);
    }
  }
  line.countFalseDowns();
}

interface Staying {
  readonly peer: Peer;
  readonly running: RunningPeer;
  readonly watchers: readonly Watcher[];
}

class Line implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #plan: LinePlan;
  readonly #table: DetectionTable;
  readonly #stack: AsyncDisposableStack;
  readonly #holes: Readonly<Record<Place, Blackhole>>;
  readonly #ropewalk: RopewalkMonitor | undefined;
  readonly #own: ReadonlyMap<Place, Watcher>;
  readonly #staying: Staying[] = [];

  static async open(lab: Lab, plan: LinePlan, table: DetectionTable): Promise<Line> {
    await using unwinding = new AsyncDisposableStack();
    const wan0 = unwinding.use(await Blackhole.prepare(lab, "wan0"));
    const wan1 = unwinding.use(await Blackhole.prepare(lab, "wan1"));
    const fast = { configuration: shortReturn, settings: { BACKHAUL_PROBE_PROFILE: "fast" } };
    const ropewalk = plan.trials === 0 ? undefined : unwinding.use(await RopewalkMonitor.start(lab, fast));
    const line = new Line(lab, plan, table, { wan0, wan1 }, ropewalk, unwinding.move());
    try {
      await line.#startStaying();
      return line;
    } catch (error) {
      await line[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(
    lab: Lab,
    plan: LinePlan,
    table: DetectionTable,
    holes: Readonly<Record<Place, Blackhole>>,
    ropewalk: RopewalkMonitor | undefined,
    stack: AsyncDisposableStack,
  ) {
    this.#lab = lab;
    this.#plan = plan;
    this.#table = table;
    this.#holes = holes;
    this.#ropewalk = ropewalk;
    this.#stack = stack;
    this.#own = new Map(
      ropewalk === undefined ? [] : Object.values(places).map((place) => [place, own(ropewalk, place)]),
    );
  }

  /** Everybody's turn in one direction: each peer's, and Ropewalk's own. */
  turns(way: BlackholeWay): readonly (() => Promise<void>)[] {
    const visiting = this.#plan.peers.filter(({ stays }) => stays === "turn");
    return [
      ...visiting.map((peer) => () => this.#visit(peer, way)),
      ...this.#staying.map((staying) => () => this.#hit(staying, way)),
      ...(this.#ropewalk === undefined ? [] : [() => this.#ownTurn(way)]),
    ];
  }

  /** What those have to answer for who were there all the time; the others were asked after each turn. */
  countFalseDowns(): void {
    for (const { watchers } of this.#staying) this.#count(watchers);
    this.#count([...this.#own.values()]);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }

  async #startStaying(): Promise<void> {
    for (const peer of this.#plan.peers.filter(({ stays }) => stays === "line")) {
      const running = this.#stack.use(await peer.start(this.#lab, places.line));
      this.#staying.push({ peer, running, watchers: watchersOf(peer, running) });
    }
  }

  async #visit(peer: Peer, way: BlackholeWay): Promise<void> {
    if (this.#table.isLeftOut(peer.columns)) return;
    await using running = await peer.start(this.#lab, places.turn);
    const watchers = watchersOf(peer, running);
    await this.#hit({ peer, running, watchers }, way);
    this.#count(watchers);
  }

  async #hit({ peer, running, watchers }: Staying, way: BlackholeWay): Promise<void> {
    if (this.#table.isLeftOut(peer.columns)) return;
    const failure = await this.#strike(places[peer.stays], way, watchers).then(() => running.failure());
    if (failure !== undefined) this.#table.leaveOut(peer.columns, `${peer.name} did not last: ${failure}`);
  }

  async #ownTurn(way: BlackholeWay): Promise<void> {
    const { roundTripMs, trials, rounds } = this.#plan;
    for (let trial = 0; trial < Math.ceil(trials / rounds); trial += 1) {
      await this.#own.get(places.turn)?.isReady();
      const bound = await this.#ropewalk?.statedBound(places.turn);
      if (bound !== undefined) this.#table.recordBound(roundTripMs, way, bound);
      await this.#strike(places.turn, way, []);
    }
  }

  /** A fault for all `watchers` and for Ropewalk. */
  async #strike(place: Place, way: BlackholeWay, watchers: readonly Watcher[]): Promise<void> {
    const own = this.#own.get(place);
    const { found, absent } = await strike(this.#holes[place], way, own === undefined ? watchers : [own, ...watchers]);
    this.#table.record(this.#plan.roundTripMs, way, found);
    for (const column of absent) {
      const sentence = `${column} did not call ${place} up in time, RTT ${this.#plan.roundTripMs} ms`;
      if (column === ownColumn) throw new Error(sentence);
      this.#table.note(sentence);
    }
  }

  #count(watchers: readonly Watcher[]): void {
    const { roundTripMs } = this.#plan;
    for (const { column, falseDowns } of watchers) this.#table.countFalseDowns(roundTripMs, column, falseDowns());
  }
}

function own(ropewalk: RopewalkMonitor, place: Place): Watcher {
  return createWatcher(ownColumn, ropewalk.log(place), ownWarmUpMs, ownLimits);
}

function watchersOf(peer: Peer, running: RunningPeer): readonly Watcher[] {
  return running.monitors.map(({ column, log }) => createWatcher(column, log, peer.warmUpMs, peer));
}
