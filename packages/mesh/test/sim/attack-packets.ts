/** Attacks on packets: a node that tells of ways and lets vanish what is sent by them. */
import { blackHole } from "./adversaries/black-hole.ts";
import { EqualHops } from "./adversaries/equal-hops.ts";
import { type Attack, lossesBefore, type Mutant, settled, unless } from "./attack.ts";
import type { Graph } from "./graphs.ts";
import { routability } from "./oracle.ts";

/** From 0 to 4 by 1, which is the shortest way, or round by 2 and 3. */
const twoWays: Graph = {
  size: 5,
  edges: [
    [0, 1],
    [1, 4],
    [0, 2],
    [2, 3],
    [3, 4],
  ],
};
const [from, to, swallower] = [0, 4, 1];
const mostLosses = 3;

const trusting: Mutant = {
  lacks: "a memory of what neighbours did not bring",
  patches: [
    {
      file: "routing/route.ts",
      find: "return losses !== undefined && losses.inRow >= lossesInRow",
      replace: "return false && losses !== undefined && losses.inRow >= lossesInRow",
    },
  ],
  finding: /before a detour was found/,
};

export const swallowed: Attack = {
  name: "a neighbour that lets packets vanish",
  run(nodes, seed) {
    const sim = settled(seed, twoWays, nodes);
    sim.station(swallower).meddler = blackHole;
    const { share } = routability(sim);
    const lost = lossesBefore(sim, from, to, 8);
    // And once it is known, no more are lost by it, there and back.
    const again = [lossesBefore(sim, from, to, 8), lossesBefore(sim, to, from, 8), lossesBefore(sim, from, to, 8)];
    return [
      ...unless(share === 1, `${share} of the pairs seemed routable`),
      ...unless(lost !== undefined && lost <= mostLosses, `${lost} were lost before a detour was found`),
      ...unless(again[2] === 0 && again[0] === 0, `${again} were lost though it was known`),
    ];
  },
  mutants: [trusting],
};

/** The documented limit of the hop chain, and what makes it one: who draws packets by it and drops them is found out like any other. */
export const drawnIn: Attack = {
  name: "a neighbour that repeats hops as it heard them to draw packets, and lets them vanish",
  run(nodes, seed) {
    const sim = settled(seed, twoWays, nodes, (arranged) => {
      const equal = new EqualHops();
      arranged.station(swallower).meddler = {
        hears: (frame) => equal.hears(frame),
        sends: (frame, port) => blackHole.sends?.(frame, port).flatMap((one) => equal.sends(one, port)) ?? [],
      };
    });
    const lost = lossesBefore(sim, from, to, 8);
    return unless(lost !== undefined && lost <= mostLosses, `${lost} were lost before a detour was found`);
  },
  mutants: [trusting],
};
