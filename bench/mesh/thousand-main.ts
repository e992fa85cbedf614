/** A thousand simulated nodes in a process of their own, so that its memory is theirs: does what it is told once, and tells what it found. */
import { Random } from "@ropewalk/simnet/random";
import { randomGeometric } from "../../packages/mesh/test/sim/graphs.ts";
import { massDeath } from "../../packages/mesh/test/sim/mass-death.ts";
import { meshNodes } from "../../packages/mesh/test/sim/mesh-node-maker.ts";
import type { ThousandFindings, ThousandTask } from "./thousand-task.ts";

const [nodes, meanDegree] = [1_000, 8];
/** Pairs that are asked whether a trace says what the next hops say. */
const probes = 500;

process.once("message", (task: ThousandTask) => {
  process.send?.(findings(task), undefined, undefined, () => process.disconnect?.());
});

function findings({ seed, death, isMemoised }: ThousandTask): ThousandFindings {
  const began = performance.now();
  const graph = randomGeometric(nodes, meanDegree, new Random(seed));
  const { joined, healed, faults, sim } = massDeath({ seed, graph, death, isMemoised, probes, make: meshNodes() });
  const { user, system } = process.cpuUsage();
  return {
    ...{ joinedMs: joined, healedMs: healed, faults, seconds: (performance.now() - began) / 1_000 },
    ...{ processorSeconds: (user + system) / 1e6, mostMemory: process.resourceUsage().maxRSS * 1024 },
    octets: sim.cables.reduce((sum, { counts }) => sum + counts.octets, 0),
  };
}
