/** What is sampled in `npm test` of the mesh, in full: a thousand nodes, and each attack at the size that it was promised for. */
import { Random } from "@ropewalk/simnet/random";
import { attacks } from "./sim/attacks.ts";
import { randomGeometric } from "./sim/graphs.ts";
import { describeCosts, type MassDeathOptions, massDeath } from "./sim/mass-death.ts";
import { meshNodes } from "./sim/mesh-node-maker.ts";
import { unnoticed } from "./sim/unnoticed-mutants.ts";
import { watchedInThreads } from "./sim/watched-mesh.ts";
import { ofEachSeed, type SoakTarget } from "./soak-target.ts";

const [nodes, meanDegree] = [1_000, 8];
const mostSeconds = 120;
const mostMemory = 4_000_000_000;

export const soakTargets: readonly SoakTarget[] = [
  thousand("mesh-1000", { death: "told" }),
  thousand("mesh-1000 that die in silence", { death: "silent" }),
  thousand("mesh-1000 without remembered verdicts", { death: "told", isMemoised: false }),
  ...attacks.map(({ name, run }) => ({
    name: `mesh attack: ${name}`,
    ...{ inputs: 10, unit: "runs" },
    run(inputs: number, seed: number) {
      return ofEachSeed(inputs, seed, (one) => run(meshNodes, one, "full"));
    },
  })),
  {
    name: "mesh attack mutants",
    ...{ inputs: attacks.length, unit: "attacks" },
    async run(inputs) {
      const missed = await Promise.all(attacks.slice(0, inputs).map(unnoticed));
      return missed.flat();
    },
  },
];

/** The machine's own time and memory are promised for the run that remembers verdicts, which a thousand machines would not share. */
function thousand(name: string, options: Pick<MassDeathOptions, "death" | "isMemoised">): SoakTarget {
  return {
    name,
    ...{ inputs: nodes, unit: "nodes" },
    async run(inputs, seed, report) {
      const [began, cpuBegan] = [performance.now(), process.cpuUsage()];
      const graph = randomGeometric(inputs, meanDegree, new Random(seed));
      const found = await massDeath({ ...options, ...{ seed, graph, probes: 500, report } }, watchedInThreads);
      const { joined, healed, faults, costs } = found;
      const took = (performance.now() - began) / 1000;
      const { user, system } = process.cpuUsage(cpuBegan);
      const { rss } = process.memoryUsage();
      report(`joined in ${joined} ms, healed in ${healed} ms; ${describeCosts(costs)}`);
      report(`${took.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of processors`);
      const isPromised = options.isMemoised !== false && inputs <= nodes;
      return [
        ...faults,
        ...(isPromised && took > mostSeconds ? [`it took ${took.toFixed(1)} s`] : []),
        ...(rss > mostMemory ? [`${rss} octets of memory`] : []),
      ];
    },
  };
}
