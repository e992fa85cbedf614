/**
 * What is true of a simulated mesh, of which its nodes know only what they heard: who is connected with whom, and whether who goes on
 * from node to node by their best next hops comes to where it wants.
 */
import { componentsOf, hopsFrom, neighboursOf } from "./graphs.ts";
import type { MeshSim } from "./mesh-sim.ts";
import type { Station } from "./station.ts";

export interface Routability {
  /** Ordered pairs of living nodes that some way connects. */
  readonly pairs: number;
  /** Of these, those that the next hops connect. */
  readonly routable: number;
  /** Ways that come back to where they were: none at all times. */
  readonly loops: number;
  /** Ways that end at a node that knows none. */
  readonly deadEnds: number;
  /** Ways that go on over a link that is not there, to a node that is dead or to nobody. */
  readonly intoNothing: number;
  /** Routable of all pairs. */
  readonly share: number;
}

type Verdict = "arrives" | "loops" | "ends" | "vanishes";

const none = -1;
const gone = -2;

/** Each node's best next hop for each destination: the number of a node, or none, or one that leads into nothing. */
export class NextHops {
  readonly size: number;
  readonly #hops: Int16Array;

  /** Of so many nodes; `hops`: where they are noted by whoever has some of these nodes. */
  constructor(size: number, hops: Int16Array = nextHopsTable(size)) {
    this.size = size;
    this.#hops = hops;
  }

  /** What one node of a mesh believes now. */
  note(sim: MeshSim, station: Station): void {
    for (let place = station.index; place < this.#hops.length; place += this.size) this.#hops[place] = none;
    for (const { address, best } of station.node?.routes() ?? []) {
      const destination = sim.indexOf(address);
      if (destination === undefined || best === undefined) continue;
      const peer = station.ports.get(best.link)?.peer;
      const isThere = peer !== undefined && sim.cableOf(station.index, peer.index)?.isUp === true;
      this.#hops[destination * this.size + station.index] = isThere ? peer.index : gone;
    }
  }

  of(destination: number, node: number): number | undefined {
    const hop = this.#hops[destination * this.size + node] ?? none;
    return hop >= 0 ? hop : undefined;
  }

  /** Where everybody's way to `destination` ends. */
  endsOf(destination: number): readonly (Verdict | undefined)[] {
    const ends = new Array<Verdict | undefined>(this.size).fill(undefined);
    ends[destination] = "arrives";
    const walked: number[] = [];
    const walkers = new Int16Array(this.size).fill(none);
    for (let from = 0; from < this.size; from += 1) {
      let node = from;
      let end: Verdict | undefined;
      walked.length = 0;
      while (end === undefined) {
        end = ends[node] ?? (walkers[node] === from ? "loops" : undefined);
        if (end !== undefined) break;
        walkers[node] = from;
        walked.push(node);
        const next = this.#hops[destination * this.size + node] ?? none;
        if (next === none) end = "ends";
        else if (next === gone) end = "vanishes";
        else node = next;
      }
      for (const passed of walked) ends[passed] = end;
    }
    return ends;
  }

  /** From `from` to `destination`, both included; undefined where it does not arrive. */
  walk(from: number, destination: number): readonly number[] | undefined {
    const way = [from];
    let node = from;
    while (node !== destination && way.length <= this.size) {
      const next = this.of(destination, node);
      if (next === undefined) return undefined;
      way.push(next);
      node = next;
    }
    return node === destination ? way : undefined;
  }
}

export function nextHopsTable(size: number): Int16Array<SharedArrayBuffer> {
  return new Int16Array(new SharedArrayBuffer(size * size * Int16Array.BYTES_PER_ELEMENT)).fill(none);
}

/** Of a mesh that is here. */
export function nextHopsOf(sim: MeshSim): NextHops {
  const hops = new NextHops(sim.stations.length);
  for (const station of sim.stations) hops.note(sim, station);
  return hops;
}

/** Of all ordered pairs of those that `counts`; all that live unless told otherwise. `hops`: as they were noted, where the nodes are elsewhere. */
export function routability(
  sim: MeshSim,
  counts: (index: number) => boolean = () => true,
  hops: NextHops = nextHopsOf(sim),
): Routability {
  const components = componentsOf(sim.connected());
  const tally = { arrives: 0, loops: 0, ends: 0, vanishes: 0 };
  const isCounted = sim.stations.map(({ isAlive, index }) => isAlive && counts(index));
  let pairs = 0;
  for (let destination = 0; destination < hops.size; destination += 1) {
    if (!isCounted[destination]) continue;
    const ends = hops.endsOf(destination);
    for (let from = 0; from < hops.size; from += 1) {
      if (from === destination || !isCounted[from] || components[from] !== components[destination]) continue;
      pairs += 1;
      tally[ends[from] ?? "ends"] += 1;
    }
  }
  return {
    pairs,
    routable: tally.arrives,
    loops: tally.loops,
    deadEnds: tally.ends,
    intoNothing: tally.vanishes,
    share: pairs === 0 ? 1 : tally.arrives / pairs,
  };
}

/** `count` ordered pairs of connected nodes, by chance. */
export function connectedPairs(
  sim: MeshSim,
  count: number,
  counts: (index: number) => boolean = () => true,
): readonly (readonly [number, number])[] {
  const components = componentsOf(sim.connected());
  const random = sim.random.fork(`pairs at ${sim.time.now}`);
  const living = sim.stations.filter(({ isAlive, index }) => isAlive && counts(index)).map(({ index }) => index);
  const pairs: (readonly [number, number])[] = [];
  for (let tries = 0; tries < 100 * count && pairs.length < count; tries += 1) {
    const [from = 0, to = 0] = [living[random.below(living.length)], living[random.below(living.length)]];
    if (from !== to && components[from] === components[to]) pairs.push([from, to]);
  }
  return pairs;
}

/** What a trace says of its way: each step a link that is there. */
export function isWay(sim: MeshSim, way: readonly number[]): boolean {
  return way.every((node, step) => step === 0 || sim.cableOf(way[step - 1] ?? none, node)?.isUp === true);
}

/**
 * Neighbours that were believed to be nearer to somebody than they are, by more than `gained`: a liar who repeats what was said to him gains
 * one hop, and so do all whose way leads through him.
 */
export function hopLies(sim: MeshSim, isLiar: (index: number) => boolean, gained: number): readonly string[] {
  const neighbours = neighboursOf(sim.connected());
  return sim.stations.flatMap((destination) => {
    const hops = hopsFrom(neighbours, destination.index);
    return sim.stations.flatMap((station) => {
      if (isLiar(station.index) || station === destination) return [];
      const route = station.node?.route?.(destination.address);
      return (route?.nextHops ?? []).flatMap(({ link, hops: said }) => {
        const peer = station.ports.get(link)?.peer.index ?? none;
        const least = (hops[peer] ?? 0) - gained;
        return said < least ? [`${station.index} believes ${peer} to be ${said} hops from ${destination.index}`] : [];
      });
    });
  });
}
