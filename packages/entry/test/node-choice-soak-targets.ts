/** Node choice in full: a million random fleets beside the naive choice, of which `npm test` samples some, and many seeds of the simulated replicas. */
import { chooseNode } from "@ropewalk/entry/pure/node-choice";
import { Random } from "@ropewalk/simnet/random";
import { randomFleet, randomRequest, rules } from "./pure/fleets.ts";
import { differenceFrom } from "./pure/naive-choice.ts";
import { imbalanceOf } from "./pure/replica-simulation.ts";
import type { SoakTarget } from "./soak-target.ts";

const mostFindings = 20;
const mostImbalance = 0.05;
const fleet = { nodes: 200, sessions: 50_000, replicas: 3 };

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "entry node choice equals the naive one",
    ...{ inputs: 1_000_000, unit: "fleets" },
    run(inputs, seed) {
      const findings: string[] = [];
      for (let index = 0; index < inputs && findings.length < mostFindings; index += 1) {
        const each = (seed + index) >>> 0;
        const finding = compare(each);
        if (finding !== undefined) findings.push(`seed ${each}: ${finding}`);
      }
      return findings;
    },
  },
  balance("entry node choice by replicas that know nothing of each other", {
    perSecond: 50,
    countsOwn: false,
    capacity: 1_000,
  }),
  balance("entry node choice in a crowd", { perSecond: 250, countsOwn: true, capacity: 10_000 }),
];

function compare(seed: number): string | undefined {
  const random = new Random(seed);
  const nodes = randomFleet(random);
  const request = randomRequest(random, nodes);
  const draws = [random.unit(), random.unit()] as const;
  const left = [...draws];
  const choice = chooseNode(nodes, request, rules, () => left.shift() ?? 0);
  return differenceFrom(choice, nodes, request, rules, draws);
}

interface Crowd {
  readonly perSecond: number;
  readonly countsOwn: boolean;
  readonly capacity: number;
}

function balance(name: string, { capacity, ...crowd }: Crowd): SoakTarget {
  return {
    name,
    ...{ inputs: 30, unit: "runs" },
    run(inputs, seed, report) {
      const found = Array.from({ length: inputs }, (_, index) =>
        imbalanceOf({ ...fleet, ...crowd, capacity: () => capacity }, (seed + index) >>> 0),
      );
      report(
        `${fleet.sessions} sessions on ${fleet.nodes} nodes: off by ${(100 * Math.max(...found)).toFixed(1)} % at most`,
      );
      return found.flatMap((one, index) =>
        one > mostImbalance ? [`seed ${(seed + index) >>> 0}: off by ${one}`] : [],
      );
    },
  };
}
