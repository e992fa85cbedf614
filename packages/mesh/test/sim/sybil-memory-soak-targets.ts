/** The memory of one node under ten thousand sybils on one of its eight links: no more than a twentieth above that of a full table. */
import { seconds } from "@ropewalk/kernel/units";
import type { SoakTarget } from "../soak-target.ts";
import { memoryFaults, sybilMemory } from "./sybil-memory.ts";

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "mesh memory under a flood",
    inputs: 10_000,
    unit: "sybils",
    async run(inputs, seed, report) {
      const order = { most: 8_192, count: inputs, lasts: seconds(20), seed };
      const memory = await sybilMemory(order);
      const { empty, full, overrun, flooded, after } = memory;
      const share = (100 * flooded) / full;
      const each = (full - empty) / order.most;
      report(`${empty} octets without destinations, ${full} with ${order.most}, ${each.toFixed(0)} each`);
      report(`${overrun} while as many of one neighbour's announces wait as may, ${overrun - full} more`);
      report(`at most ${flooded} under the flood, ${share.toFixed(1)} % of that; ${after} behind it`);
      return memoryFaults(memory, order);
    },
  },
];
