/** What `npm run soak` does at length with epochs and sequences: a thousand processes killed while they use them. */
import { killedSequences } from "./io/killed-sequences.ts";
import type { SoakTarget } from "./soak-target.ts";

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "mesh-sequences",
    inputs: 1000,
    unit: "kills",
    async run(inputs, seed, report) {
      const { faults, used } = await killedSequences(inputs, seed, report);
      report(`${used} sequences were used`);
      return faults;
    },
  },
];
