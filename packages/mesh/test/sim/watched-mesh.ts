/** A mesh that is watched from outside, in however many parts: what its nodes believe, and what is so. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { absentNode } from "./absent-node.ts";
import { type Death, MeshSim } from "./mesh-sim.ts";
import { NextHops, nextHopsTable } from "./oracle.ts";
import { divided } from "./parts/divided.ts";
import type { AskedCut } from "./parts/mesh-part.ts";
import { PartWorkers } from "./parts/part-workers.ts";
import { inTurns, type Parts, whole } from "./parts/parts.ts";
import type { MakeNode } from "./simulated-node.ts";
import type { Traced } from "./traces.ts";
import { type Watched, type WatchedOptions, type WatchOrder, watchedPart } from "./watched-part.ts";

type WatchedParts = Parts<WatchOrder, Watched>;
export type MakeWatched = (options: WatchedOptions) => WatchedParts;

/** What it took: frames and their octets, and what of their announces was verified. */
export interface WatchedCosts {
  readonly frames: number;
  readonly octets: number;
  readonly dropped: number;
  /** How often it was asked whether an announce is good, and how often a signature verified for that. */
  readonly asked: number;
  readonly verified: number;
}

/** More than cores: see part-workers.ts. */
const parts = 4;

export function watchedWhole(make: MakeNode): MakeWatched {
  return (options) => whole(watchedPart(options, make));
}

export function watchedInTurns(make: MakeNode): MakeWatched {
  return (options) => inTurns(divided(options.graph, parts), (crossing) => watchedPart(options, make, crossing));
}

/** Nodes as they are shipped. */
export function watchedInThreads(options: WatchedOptions): WatchedParts {
  const program = new URL("./watched-part-main.ts", import.meta.url);
  // A thousand nodes are to take four gigabytes at most; with as much as they like they take five, and a sixth less time.
  const room = { kept: Math.max(1_000, options.graph.size), young: 96 };
  return new PartWorkers(program, divided(options.graph, parts), options, room);
}

export class WatchedMesh implements AsyncDisposable {
  /** Who lives, and which cables are up. */
  readonly network: MeshSim;
  /** As they were looked at last. */
  readonly hops: NextHops;
  readonly cuts: AskedCut[] = [];
  readonly #parts: WatchedParts;
  #watched: readonly Watched[] = [];

  constructor(options: Omit<WatchedOptions, "hops">, make: MakeWatched) {
    const { seed, graph } = options;
    const hops = nextHopsTable(graph.size);
    this.network = new MeshSim({ seed, graph, make: () => absentNode });
    this.hops = new NextHops(graph.size, hops);
    this.#parts = make({ ...options, hops });
    this.network.startAll();
  }

  /** Goes on by so much, and looks. */
  async look(by: Millis): Promise<void> {
    await this.#ask({ kind: "look", until: millis(this.network.time.now + by) });
  }

  async kill(nodes: readonly number[], death: Death): Promise<void> {
    for (const node of nodes) this.network.kill(node, death);
    await this.#ask({ kind: "kill", until: this.network.time.now, nodes, death });
  }

  /** What has come of traces after so long. */
  async trace(pairs: readonly (readonly [number, number])[], by: Millis): Promise<readonly Traced[]> {
    await this.#ask({ kind: "trace", until: this.network.time.now, pairs });
    await this.look(by);
    return this.#watched.flatMap(({ traced }) => traced);
  }

  get costs(): WatchedCosts {
    const sum = (of: (watched: Watched) => number) => this.#watched.reduce((total, watched) => total + of(watched), 0);
    return {
      frames: sum(({ counts }) => counts.frames),
      octets: sum(({ counts }) => counts.octets),
      dropped: sum(({ counts }) => counts.dropped),
      asked: sum(({ verdicts }) => verdicts.asked),
      verified: sum(({ verdicts }) => verdicts.verified),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }

  async #ask(order: WatchOrder): Promise<void> {
    this.#watched = await this.#parts.ask(order);
    const cuts = this.#watched.flatMap((watched) => watched.cuts);
    for (const cut of cuts) this.network.heed(cut);
    this.cuts.push(...cuts);
    this.network.time.runUntil(order.until);
  }
}
