/** What `npm run soak` does at length with the store of messages: a thousand processes killed while they write to it, and power cuts. */
import { killedStores } from "./io/store/killed-stores.ts";
import { powerCuts } from "./io/store/power-cuts.ts";
import type { SoakTarget } from "./soak-target.ts";

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "mesh-store",
    inputs: 1000,
    unit: "kills",
    async run(inputs, seed, report) {
      const { faults, groups } = await killedStores(inputs, seed, report);
      report(`${groups} groups were committed`);
      return faults;
    },
  },
  {
    name: "mesh-store power",
    inputs: 300,
    unit: "cuts",
    async run(inputs, seed, report) {
      const { faults, told, syncs } = await powerCuts(inputs, seed);
      report(`${told} groups were committed, by ${syncs} syncs`);
      return faults;
    },
  },
];
