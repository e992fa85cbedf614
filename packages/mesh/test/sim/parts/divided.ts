/** A graph in parts with as much to do in each, and few edges between them. */
import { type Graph, neighboursOf } from "../graphs.ts";

/** Of each node the number of its part, from 0; `parts`: a power of two. What a node has to do goes by how many neighbours it has. */
export function divided(graph: Graph, parts: number): readonly number[] {
  const all = Array.from({ length: graph.size }, (_, node) => node);
  const partOf = all.map(() => 0);
  const divide = (nodes: readonly number[], first: number, count: number): void => {
    for (const node of nodes) partOf[node] = first;
    if (count === 1) return;
    const isSecond = secondHalf(among(graph, nodes));
    const half = (second: boolean) => nodes.filter((_, place) => isSecond[place] === second);
    divide(half(false), first, count / 2);
    divide(half(true), first + count / 2, count / 2);
  };
  divide(all, 0, parts);
  return partOf;
}

/** The graph of some nodes alone, numbered by their places. */
function among({ edges }: Graph, nodes: readonly number[]): Graph {
  const places = new Map(nodes.map((node, place) => [node, place]));
  const kept = edges.flatMap(([one, other]) => {
    const [place, otherPlace] = [places.get(one), places.get(other)];
    return place === undefined || otherPlace === undefined ? [] : [[place, otherPlace] as const];
  });
  return { size: nodes.length, edges: kept };
}

/** Of those nearest to some node half, and the others: for the node by which the fewest edges lead from one half to the other. */
function secondHalf(graph: Graph): readonly boolean[] {
  const neighbours = neighboursOf(graph);
  let best: readonly boolean[] = [];
  let fewest = Number.POSITIVE_INFINITY;
  for (const from of neighbours.keys()) {
    const isSecond = beyondHalf(neighbours, nearestFirst(neighbours, from), graph.edges.length);
    const between = graph.edges.filter(([one, other]) => isSecond[one] !== isSecond[other]).length;
    if (between >= fewest) continue;
    best = isSecond;
    fewest = between;
  }
  return best;
}

/** Nodes in the order of their hops from one, and behind them those that no way leads to. */
function nearestFirst(neighbours: readonly (readonly number[])[], from: number): Iterable<number> {
  const reached = new Set([from]);
  for (const node of reached) for (const neighbour of neighbours[node] ?? []) reached.add(neighbour);
  for (const node of neighbours.keys()) reached.add(node);
  return reached;
}

function beyondHalf(
  neighbours: readonly (readonly number[])[],
  order: Iterable<number>,
  edges: number,
): readonly boolean[] {
  const isSecond = neighbours.map(() => false);
  let ends = 0;
  for (const node of order) {
    isSecond[node] = ends >= edges;
    ends += neighbours[node]?.length ?? 0;
  }
  return isSecond;
}
