/**
 * Five hundred nodes of which half are off at any time, with an hour in every two in which the mesh is in two: ten thousand messages arrive, none
 * twice, and no more nodes hold one than its sender allowed. It ends when that many have arrived that must, within the 24 hours that a message
 * lives; an epidemic without bounds beside it.
 */
import { millis } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { arrivedShare, describeChurn, mostCopies } from "./sim/churn-figures.ts";
import { churnInThreads } from "./sim/churn-parts.ts";
import { randomGeometric } from "./sim/graphs.ts";
import { messageChurn } from "./sim/message-churn.ts";
import { divided } from "./sim/parts/divided.ts";
import type { SoakTarget } from "./soak-target.ts";

const [nodes, meanDegree] = [500, 10];
/** Each is simulated in a thread of its own. */
const towns = 4;
const minute = 60_000;
const leastArrived = 0.995;
const allowedCopies = 8;
const mostSeconds = 900;

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "mesh messages in churn",
    ...{ inputs: 10_000, unit: "messages" },
    async run(inputs, seed, report) {
      const began = performance.now();
      const graph = randomGeometric(nodes, meanDegree, new Random(seed));
      const options = {
        ...{ seed, graph, towns: divided(graph, towns), messages: inputs, report },
        ...{ written: millis(60 * minute), lasts: millis(24 * 60 * minute), enough: leastArrived },
        uptime: millis(10 * minute),
        partitions: { first: millis(10 * minute), last: millis(60 * minute), every: millis(120 * minute) },
      };
      const found = await messageChurn(options, churnInThreads);
      const took = (performance.now() - began) / 1000;
      const [arrived, copies] = [arrivedShare(found, found.mesh), mostCopies(found.mesh)];
      for (const line of describeChurn(found)) report(line);
      return [
        ...(found.repeated > 0 ? [`seed ${seed}: ${found.repeated} messages came more than once`] : []),
        ...(copies > allowedCopies ? [`seed ${seed}: ${copies} nodes held one`] : []),
        ...(arrived < leastArrived ? [`seed ${seed}: only ${(100 * arrived).toFixed(2)} % arrived`] : []),
        ...(took > mostSeconds ? [`it took ${took.toFixed(0)} s`] : []),
      ];
    },
  },
];
