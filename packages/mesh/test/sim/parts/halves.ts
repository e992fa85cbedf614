/** A graph in two halves with as much to do in each, and few edges between them. */
import { InternalError } from "@ropewalk/kernel/errors";
import { type Graph, neighboursOf } from "../graphs.ts";

/** Of each node whether it is in the second half. What a node has to do goes by how many neighbours it has. */
export function halvesOf(graph: Graph): readonly boolean[] {
  const neighbours = neighboursOf(graph);
  let best: { readonly isSecond: readonly boolean[]; readonly between: number } | undefined;
  for (let from = 0; from < graph.size; from += 1) {
    const isSecond = beyondHalf(neighbours, nearestFirst(neighbours, from), graph.edges.length);
    const between = graph.edges.filter(([one, other]) => isSecond[one] !== isSecond[other]).length;
    if (best === undefined || between < best.between) best = { isSecond, between };
  }
  if (best === undefined) throw new InternalError("nobody has no halves");
  return best.isSecond;
}

/** Nodes in the order of their hops from one, and behind them those that no way leads to. */
function nearestFirst(neighbours: readonly (readonly number[])[], from: number): ReadonlySet<number> {
  const reached = new Set([from]);
  for (const node of reached) for (const neighbour of neighbours[node] ?? []) reached.add(neighbour);
  for (const node of neighbours.keys()) reached.add(node);
  return reached;
}

function beyondHalf(
  neighbours: readonly (readonly number[])[],
  order: ReadonlySet<number>,
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
