/** Attacks on packets: a node that tells of ways and lets vanish what is sent by them. */
import { blackHole } from "./adversaries/black-hole.ts";
import { EqualHops } from "./adversaries/equal-hops.ts";
import { type Attack, lossesBefore, type Mutant, settled, unless } from "./attack.ts";
import type { Edge, Graph } from "./graphs.ts";
import { routability } from "./oracle.ts";

/** From 0 to the last by 1, which is the shortest way, or round by the others. */
const ring = (size: number): Graph => {
  const round: Edge[] = Array.from({ length: size - 3 }, (_, index) => [index + 2, index + 3]);
  return { size, edges: [[0, 1], [1, size - 1], [0, 2], ...round] };
};
/** In the larger, 2 has two ways that are equally good: it may go by 0 itself, and then tells it of none. */
const rings = [ring(5), ring(6)];
const [from, swallower] = [0, 1];
const mostLosses = 3;

const trusting: Mutant = {
  lacks: "a memory of what neighbours did not bring",
  patches: [
    {
      file: "deliveries.ts",
      find: "this.#change(passage, (score) => lost(score, now));",
      replace: "void [passage, now, lost];",
    },
  ],
  finding: /before a detour was found/,
};

export const swallowed: Attack = {
  name: "a neighbour that lets packets vanish",
  run: (nodes, seed) =>
    rings.flatMap((graph) => {
      const to = graph.size - 1;
      const sim = settled(seed, graph, nodes);
      sim.station(swallower).meddler = blackHole;
      const { share } = routability(sim);
      const lost = lossesBefore(sim, from, to, 8);
      // And once it is known, no more are lost by it.
      const again = [lossesBefore(sim, from, to, 8), lossesBefore(sim, to, from, 8), lossesBefore(sim, from, to, 8)];
      return [
        ...unless(share === 1, `${share} of the pairs seemed routable`),
        ...unless(lost !== undefined && lost <= mostLosses, `${lost} were lost before a detour was found`),
        ...unless(again[2] === 0 && again[0] === 0, `${again} were lost though it was known`),
      ].map((finding) => `of ${graph.size}: ${finding}`);
    }),
  mutants: [trusting],
};

/** The documented limit of the hop chain, and what makes it one: who draws packets by it and drops them is found out like any other. */
export const drawnIn: Attack = {
  name: "a neighbour that repeats hops as it heard them to draw packets, and lets them vanish",
  run: (nodes, seed) =>
    rings.flatMap((graph) => {
      const sim = settled(seed, graph, nodes, (arranged) => {
        const equal = new EqualHops();
        arranged.station(swallower).meddler = {
          hears: (frame) => equal.hears(frame),
          sends: (frame, port) => blackHole.sends?.(frame, port).flatMap((one) => equal.sends(one, port)) ?? [],
        };
      });
      const lost = lossesBefore(sim, from, graph.size - 1, 8);
      return unless(
        lost !== undefined && lost <= mostLosses,
        `of ${graph.size}: ${lost} were lost before a detour was found`,
      );
    }),
  mutants: [trusting],
};
