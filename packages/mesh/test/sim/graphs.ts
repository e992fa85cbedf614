/** Who neighbours whom in a simulated mesh: nodes are numbered from 0, each edge once, the lower number first. */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Random } from "@ropewalk/simnet/random";

export type Edge = readonly [number, number];

export interface Graph {
  readonly size: number;
  readonly edges: readonly Edge[];
}

/**
 * Nodes strewn over a unit square, neighbours within the radius that gives about `meanDegree` neighbours each: cities and fields,
 * as radios and houses have it. Those on the rim have fewer. Source: Penrose, "Random Geometric Graphs", 2003, §1.1.
 */
export function randomGeometric(size: number, meanDegree: number, random: Random): Graph {
  const places = Array.from({ length: size }, () => [random.unit(), random.unit()] as const);
  const lengths: { readonly edge: Edge; readonly square: number }[] = [];
  const widest = (4 * meanDegree) / (Math.PI * size);
  for (const [one, [x, y]] of places.entries()) {
    for (const [behind, [otherX, otherY]] of places.slice(one + 1).entries()) {
      const square = (x - otherX) ** 2 + (y - otherY) ** 2;
      if (square <= widest) lengths.push({ edge: [one, one + 1 + behind], square });
    }
  }
  // The shortest so many, which is what a radius is: the mean is met exactly, whatever the rim takes.
  const wanted = Math.round((size * meanDegree) / 2);
  if (lengths.length < wanted) throw new InternalError(`${size} nodes have no mean degree of ${meanDegree}`);
  const nearest = lengths.toSorted((one, other) => one.square - other.square).slice(0, wanted);
  return { size, edges: nearest.map(({ edge }) => edge) };
}

export function grid(width: number, height: number): Graph {
  const edges: Edge[] = [];
  for (let node = 0; node < width * height; node += 1) {
    if ((node + 1) % width !== 0) edges.push([node, node + 1]);
    if (node + width < width * height) edges.push([node, node + width]);
  }
  return { size: width * height, edges };
}

/**
 * A ring on which each has its `degree` nearest, some of them exchanged for anybody. Source: Watts and Strogatz, "Collective dynamics
 * of 'small-world' networks", Nature 393, 1998.
 */
export function smallWorld(size: number, degree: number, rewired: number, random: Random): Graph {
  const known = new Set<number>();
  const edges: Edge[] = [];
  for (let node = 0; node < size; node += 1) {
    for (let step = 1; step <= degree / 2; step += 1) {
      let other = (node + step) % size;
      while (random.isLucky(rewired) || other === node || known.has(edgeNumber(node, other, size))) {
        other = random.below(size);
        if (other !== node && !known.has(edgeNumber(node, other, size))) break;
      }
      known.add(edgeNumber(node, other, size));
      edges.push(node < other ? [node, other] : [other, node]);
    }
  }
  return { size, edges };
}

/** A line from node 0 to the last one. */
export function chain(size: number): Graph {
  return grid(size, 1);
}

/** Without some of its nodes: the numbers stay. */
export function without({ size, edges }: Graph, gone: (node: number) => boolean): Graph {
  return { size, edges: edges.filter(([one, other]) => !gone(one) && !gone(other)) };
}

export function neighboursOf({ size, edges }: Graph): readonly (readonly number[])[] {
  const neighbours: number[][] = Array.from({ length: size }, () => []);
  for (const [one, other] of edges) {
    neighbours[one]?.push(other);
    neighbours[other]?.push(one);
  }
  return neighbours;
}

/** Of each node the number of its component, counted from 0 in the order of their lowest nodes. */
export function componentsOf(graph: Graph): readonly number[] {
  const neighbours = neighboursOf(graph);
  const component = new Array<number>(graph.size).fill(-1);
  let count = 0;
  for (let first = 0; first < graph.size; first += 1) {
    if (component[first] !== -1) continue;
    const reached = [first];
    component[first] = count;
    for (const node of reached) {
      for (const neighbour of neighbours[node] ?? []) {
        if (component[neighbour] !== -1) continue;
        component[neighbour] = count;
        reached.push(neighbour);
      }
    }
    count += 1;
  }
  return component;
}

/** Hops from `from` to each node; undefined for those that no way leads to. */
export function hopsFrom(neighbours: readonly (readonly number[])[], from: number): readonly (number | undefined)[] {
  const hops = new Array<number | undefined>(neighbours.length).fill(undefined);
  hops[from] = 0;
  const reached = [from];
  for (const node of reached) {
    for (const neighbour of neighbours[node] ?? []) {
      if (hops[neighbour] !== undefined) continue;
      hops[neighbour] = (hops[node] ?? 0) + 1;
      reached.push(neighbour);
    }
  }
  return hops;
}

function edgeNumber(one: number, other: number, size: number): number {
  return Math.min(one, other) * size + Math.max(one, other);
}
