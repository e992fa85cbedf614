/** Carried messages, with many seeds: of what `npm test` samples two. */
import { carry } from "./pure/messages/couriers.ts";
import { ofEachSeed, type SoakTarget } from "./soak-target.ts";

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "mesh couriers",
    ...{ inputs: 200, unit: "runs" },
    run(inputs, seed) {
      return ofEachSeed(inputs, seed, carry);
    },
  },
];
