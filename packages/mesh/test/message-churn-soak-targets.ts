/**
 * Five hundred nodes of which half are off at any time, with an hour in which the mesh is in two: ten thousand messages arrive, none twice, and
 * no more nodes hold one than its sender allowed. A hundred minutes of the 24 hours that a message lives; an epidemic without bounds beside it.
 */
import { millis } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { randomGeometric } from "./sim/graphs.ts";
import { describeChurn, messageChurn } from "./sim/message-churn.ts";
import type { SoakTarget } from "./soak-target.ts";

const [nodes, meanDegree] = [500, 10];
const minute = 60_000;
const leastArrived = 0.95;
const mostCopies = 8;
const mostSeconds = 900;

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "mesh messages in churn",
    ...{ inputs: 10_000, unit: "messages" },
    run(inputs, seed, report) {
      const began = performance.now();
      const found = messageChurn({
        ...{ seed, graph: randomGeometric(nodes, meanDegree, new Random(seed)), messages: inputs, report },
        ...{ written: millis(75 * minute), lasts: millis(100 * minute), uptime: millis(10 * minute) },
        partition: { from: millis(10 * minute), until: millis(70 * minute) },
      });
      const took = (performance.now() - began) / 1000;
      report(`${describeChurn(found)}; ${took.toFixed(0)} s`);
      return [
        ...(found.repeated > 0 ? [`seed ${seed}: ${found.repeated} messages came more than once`] : []),
        ...(found.mostCopies > mostCopies ? [`seed ${seed}: ${found.mostCopies} nodes held one`] : []),
        ...(found.arrived < leastArrived * found.written
          ? [`seed ${seed}: only ${found.arrived} of ${found.written} arrived`]
          : []),
        ...(took > mostSeconds ? [`it took ${took.toFixed(0)} s`] : []),
      ];
    },
  },
];
