/** A thousand simulated nodes in a process of their own, so that its memory is theirs: does what it is told once, and tells what it found. */
import { Random } from "@ropewalk/simnet/random";
import { randomGeometric } from "../../packages/mesh/test/sim/graphs.ts";
import { massDeath } from "../../packages/mesh/test/sim/mass-death.ts";
import { watchedInThreads } from "../../packages/mesh/test/sim/watched-mesh.ts";
import type { ThousandFindings, ThousandTask } from "./thousand-task.ts";

const [nodes, meanDegree] = [1_000, 8];
/** Pairs that are asked whether a trace says what the next hops say. */
const probes = 500;

process.once("message", async (task: ThousandTask) => {
  process.send?.(await findings(task), undefined, undefined, () => process.disconnect?.());
});

async function findings({ seed, death, isMemoised }: ThousandTask): Promise<ThousandFindings> {
  const began = performance.now();
  const graph = randomGeometric(nodes, meanDegree, new Random(seed));
  const found = await massDeath({ seed, graph, death, isMemoised, probes }, watchedInThreads);
  const { joined, healed, faults, costs } = found;
  const { user, system } = process.cpuUsage();
  return {
    ...{ joinedMs: joined, healedMs: healed, faults, seconds: (performance.now() - began) / 1_000 },
    ...{ processorSeconds: (user + system) / 1e6, mostMemory: process.resourceUsage().maxRSS * 1024 },
    octets: costs.octets,
  };
}
