/**
 * Random requests to replicas while everything fails that may fail, and a check of all that happened: epoch by epoch, each of which ends when nothing
 * fails any more and all is settled.
 */
import type { NodeId } from "@ropewalk/entry/pure/node-fitness";
import { Random } from "@ropewalk/simnet/random";
import { HistoryChecker } from "../../history/check-history.ts";
import type { DeviceWrite, NodeAnswer, Request } from "../../history/history.ts";
import { settle } from "../settled.ts";
import { Asker } from "./asker.ts";
import { HistoryPlace, type PlaceOptions, regions, terms } from "./history-place.ts";
import { Misfortunes } from "./misfortunes.ts";
import { RandomRequests } from "./random-requests.ts";
import { calm, type Network } from "./recorded-exit.ts";
import { ReplicaProcess } from "./replica-process.ts";
import { takeRowHistory } from "./row-history.ts";

export interface HistoryOptions extends PlaceOptions {
  readonly seed: number;
  /** Requests under way. */
  readonly atOnce: number;
  /** Misfortunes for each request. */
  readonly share: number;
  /** Between replicas and exits when nothing happens. */
  readonly network?: Network;
  /** For what is under way when nothing fails any more, in milliseconds. */
  readonly settleWithin?: number;
}

export interface PassedEpoch {
  readonly requests: number;
  /** Starts that were answered with an active session. */
  readonly connects: number;
  /** The laws that were broken, in words. */
  readonly faults: readonly string[];
}

const usual: Network = { again: 0.05, lost: 0.005, late: 0 };
/** Of the database's clock and this process's, in milliseconds. */
const tolerance = 10;
const wall = () => performance.timeOrigin + performance.now();

/** Since it was taken last. */
class Recording {
  readonly writes: DeviceWrite[] = [];
  readonly answers: NodeAnswer[] = [];
  readonly requests: Request[] = [];

  take() {
    return { writes: this.writes.splice(0), answers: this.answers.splice(0), requests: this.requests.splice(0) };
  }
}

export class HistoryRun implements AsyncDisposable {
  readonly #options: HistoryOptions;
  readonly #place: HistoryPlace;
  readonly #stack = new AsyncDisposableStack();
  readonly #checker: HistoryChecker;
  readonly #requests: RandomRequests;
  readonly #misfortunes: Misfortunes;
  readonly #recording: Recording;

  private constructor(place: HistoryPlace, recording: Recording, random: Random, options: HistoryOptions) {
    this.#place = this.#stack.use(place);
    [this.#recording, this.#options] = [recording, options];
    const { keys, customers, exits, replicas } = place;
    this.#checker = new HistoryChecker({ tolerance, delivery: terms.terms.delivery, keys });
    this.#misfortunes = new Misfortunes(
      {
        ...{ exits, share: options.share, network: options.network ?? usual },
        replicas: replicas.filter((replica) => replica instanceof ReplicaProcess),
        restartDatabase: () => place.restartDatabase(),
      },
      random.fork("misfortunes"),
      wall,
    );
    this.#requests = new RandomRequests({
      ...{ customers, regions, wall, random: random.fork("requests") },
      nodes: new Map(exits.map(({ name, id }) => [name, id])),
      replicas: replicas.map(({ ports: { http } }) => this.#stack.use(new Asker(http))),
      onRequest: (request) => {
        recording.requests.push(request);
        this.#misfortunes.tempt();
      },
    });
  }

  static async open(options: HistoryOptions): Promise<HistoryRun> {
    const random = new Random(options.seed);
    const recording = new Recording();
    const place = await HistoryPlace.open(options, {
      ...{ random, wall },
      onWrite: (write) => void recording.writes.push(write),
      onAnswer: (answer) => void recording.answers.push(answer),
    });
    return new HistoryRun(place, recording, random, options);
  }

  /** How often what happened. */
  get misfortunes(): ReadonlyMap<string, number> {
    return this.#misfortunes.counts;
  }

  /** What came of so many requests, and of the peace behind them. */
  async epoch(count: number): Promise<PassedEpoch> {
    const { database, exits } = this.#place;
    for (const exit of exits) exit.network = this.#options.network ?? usual;
    await this.#requests.ask(count, this.#options.atOnce);
    await this.#misfortunes.over();
    for (const exit of exits) exit.network = calm;
    await Promise.all(exits.map((exit) => exit.quiet()));
    const placed = exits.map((exit) => ({ exit, id: exit.id as NodeId }));
    const unsettled = await settle(database, placed, this.#options.settleWithin).then(
      () => [],
      (error: unknown) => [`law 8: ${error instanceof Error ? error.message : error}`],
    );
    const commits = await takeRowHistory(database, wall);
    const recorded = this.#recording.take();
    const faults = this.#checker.check({ ...recorded, commits, outages: this.#misfortunes.outages.splice(0) });
    this.#requests.forget();
    const isConnect = ({ what, outcome }: Request) => what === "start" && outcome.kind === "session";
    const connects = recorded.requests.filter(isConnect).length;
    return { requests: recorded.requests.length, connects, faults: [...unsettled, ...faults] };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
