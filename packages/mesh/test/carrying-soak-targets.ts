/** Carried messages, with many seeds: of what `npm test` samples two. */
import { carry } from "./pure/messages/couriers.ts";

export const soakTargets: readonly {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number) => readonly string[];
}[] = [
  {
    name: "mesh couriers",
    ...{ inputs: 200, unit: "runs" },
    run(inputs, seed) {
      const seeds = Array.from({ length: inputs }, (_, index) => (seed + index) >>> 0);
      return seeds.flatMap((one) => carry(one).map((fault) => `seed ${one}: ${fault}`));
    },
  },
];
