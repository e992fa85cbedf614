/** A mesh that is switched on all at once, all of it or a part, for who watches what its nodes believe. */
import { millis } from "@ropewalk/kernel/units";
import type { Graph } from "./graphs.ts";
import { type Death, MeshSim } from "./mesh-sim.ts";
import { NextHops } from "./oracle.ts";
import type { OutletCounts } from "./outlet.ts";
import type { AskedCut, MeshPart } from "./parts/mesh-part.ts";
import type { Part, PartOrder } from "./parts/parts.ts";
import type { MakeNode } from "./simulated-node.ts";
import type { Traced } from "./traces.ts";

export interface WatchedOptions {
  readonly seed: number;
  readonly graph: Graph;
  readonly isMemoised: boolean;
  /** See NextHops: where all parts note theirs. */
  readonly hops: Int16Array<SharedArrayBuffer>;
}

export type WatchOrder = PartOrder &
  (
    | { readonly kind: "look" }
    | { readonly kind: "kill"; readonly nodes: readonly number[]; readonly death: Death }
    | { readonly kind: "trace"; readonly pairs: readonly (readonly [from: number, to: number])[] }
  );

/** Since the last one, unless it says otherwise. */
export interface Watched {
  readonly cuts: readonly AskedCut[];
  readonly traced: readonly Traced[];
  /** Of all. */
  readonly counts: OutletCounts;
  /** Of all: how often it was asked whether an announce is good, and how often a signature verified for that. */
  readonly verdicts: { readonly asked: number; readonly verified: number };
}

export function watchedPart(options: WatchedOptions, make: MakeNode, here?: MeshPart): Part<WatchOrder, Watched> {
  const part = new WatchedPart(options, make, here);
  const leastDelay = millis(part.sim.cables.reduce((least, { delay }) => Math.min(least, delay), Number.MAX_VALUE));
  return { sim: part.sim, leastDelay, answer: (order) => part.answer(order) };
}

class WatchedPart {
  readonly sim: MeshSim;
  readonly #isHere: (node: number) => boolean;
  readonly #hops: NextHops;
  /** Not answered yet, by the numbers of their probes. */
  readonly #asked = new Map<number, readonly [from: number, to: number]>();
  #cutsSeen = 0;

  constructor({ seed, graph, isMemoised, hops }: WatchedOptions, make: MakeNode, here: MeshPart | undefined) {
    this.sim = new MeshSim({ seed, graph, make, isMemoised, ...(here === undefined ? {} : { part: here }) });
    this.#isHere = (node) => here?.isHere(node) ?? true;
    this.#hops = new NextHops(graph.size, hops);
    this.sim.startAll();
  }

  answer(order: WatchOrder): Watched {
    switch (order.kind) {
      case "look":
        for (const station of this.sim.stations) if (this.#isHere(station.index)) this.#hops.note(this.sim, station);
        break;
      case "kill":
        for (const node of order.nodes) this.sim.kill(node, order.death);
        break;
      case "trace":
        for (const [from, to] of order.pairs)
          if (this.#isHere(from)) this.#asked.set(this.sim.probe(from, to, "trace"), [from, to]);
        break;
    }
    const cuts = this.sim.cuts.slice(this.#cutsSeen);
    this.#cutsSeen = this.sim.cuts.length;
    const verdicts = this.sim.verdicts?.counts ?? { asked: 0, verified: 0 };
    return { cuts, traced: this.#traced(), counts: this.#counts(), verdicts };
  }

  #traced(): readonly Traced[] {
    return [...this.#asked].flatMap(([probe, [from, to]]): readonly Traced[] => {
      const result = this.sim.resultOf(from, probe);
      if (result === undefined) return [];
      this.#asked.delete(probe);
      if (result.kind === "unanswered") return [{ from, to, over: undefined }];
      return [{ from, to, over: result.path.map((address) => this.sim.indexOf(address) ?? -1) }];
    });
  }

  #counts(): OutletCounts {
    const counts = { frames: 0, octets: 0, dropped: 0 };
    for (const cable of this.sim.cables) {
      counts.frames += cable.counts.frames;
      counts.octets += cable.counts.octets;
      counts.dropped += cable.counts.dropped;
    }
    return counts;
  }
}
