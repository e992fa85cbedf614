/** An attack that nodes withstand, and the mutant that does not: what is found wrong must be nothing in the one and something in the other. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Patch } from "@ropewalk/simnet/mutated-modules";
import type { Graph } from "./graphs.ts";
import type { MeshNodes } from "./mesh-node-maker.ts";
import { MeshSim } from "./mesh-sim.ts";
import { routability } from "./oracle.ts";

/** How much of it: what `npm test` can afford, or all that was promised. */
export type Scale = "sample" | "full";

export interface Attack {
  readonly name: string;
  /** What was found wrong. */
  readonly run: (nodes: MeshNodes, seed: number, scale: Scale) => readonly string[];
  readonly mutants: readonly Mutant[];
}

export interface Mutant {
  /** Which defence it lacks. */
  readonly lacks: string;
  readonly patches: readonly Patch[];
  /** What of the findings tells. */
  readonly finding: RegExp;
}

/** A mesh in which everybody has found everybody. */
export function settled(
  seed: number,
  graph: Graph,
  nodes: MeshNodes,
  arrange: (sim: MeshSim) => void = () => undefined,
): MeshSim {
  const sim = new MeshSim({ seed, graph, make: nodes() });
  arrange(sim);
  sim.startAll();
  sim.run(seconds(3));
  return sim;
}

/** Asks until an answer comes, one question at a time; how many were lost before, or undefined if all were. */
export function lossesBefore(sim: MeshSim, from: number, to: number, atMost: number): number | undefined {
  for (let lost = 0; lost < atMost; lost += 1) {
    const probe = sim.probe(from, to);
    sim.runUntil(() => sim.resultOf(from, probe) !== undefined, { every: millis(10), atMost: seconds(15) });
    if (sim.resultOf(from, probe)?.kind === "answered") return lost;
  }
  return undefined;
}

/** How long until `share` of the pairs of those that count are routable. */
export function untilRoutable(
  sim: MeshSim,
  share: number,
  atMost: Millis,
  counts?: (index: number) => boolean,
): Millis | undefined {
  return sim.runUntil(() => routability(sim, counts).share >= share, { every: millis(100), atMost });
}

/** The finding, where it is one. */
export function unless(isGood: boolean, finding: string): readonly string[] {
  return isGood ? [] : [finding];
}
