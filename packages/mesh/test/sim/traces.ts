/** Whether traces say what the next hops say. */
import { seconds } from "@ropewalk/kernel/units";
import type { MeshSim } from "./mesh-sim.ts";
import { connectedPairs, isWay, type NextHops, nextHopsOf } from "./oracle.ts";

export interface Traced {
  readonly from: number;
  readonly to: number;
  /** The nodes between; undefined: it was not answered. */
  readonly over: readonly number[] | undefined;
}

/** In which a probe is answered or lost. */
export const probeTime = seconds(4);

/** At most so many pairs of connected nodes whose ways the next hops show, there and back. */
export function pairsToTrace(sim: MeshSim, hops: NextHops, count: number): readonly (readonly [number, number])[] {
  return connectedPairs(sim, count).filter(
    ([from, to]) => hops.walk(from, to) !== undefined && hops.walk(to, from) !== undefined,
  );
}

/** Each must be answered, by a way that is there. */
export function traceFaults(
  sim: MeshSim,
  pairs: readonly (readonly [number, number])[],
  traced: readonly Traced[],
): readonly string[] {
  return pairs.flatMap(([from, to]) => {
    const over = traced.find((one) => one.from === from && one.to === to)?.over;
    if (over === undefined) return [`${from} to ${to}: the next hops lead there, and the trace was not answered`];
    const way = [from, ...over, to];
    return isWay(sim, way) ? [] : [`${from} to ${to}: the trace tells of a way that is none: ${way}`];
  });
}

/** Traces over pairs of a mesh that is here. */
export function crossCheck(sim: MeshSim, count: number): readonly string[] {
  const pairs = pairsToTrace(sim, nextHopsOf(sim), count);
  const probes = pairs.map(([from, to]) => ({ from, to, probe: sim.probe(from, to, "trace") }));
  sim.run(probeTime);
  const traced = probes.map(({ from, to, probe }) => {
    const result = sim.resultOf(from, probe);
    const path = result?.kind === "answered" ? result.path : undefined;
    return { from, to, over: path?.map((address) => sim.indexOf(address) ?? -1) };
  });
  return traceFaults(sim, pairs, traced);
}
