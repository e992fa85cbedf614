/** What `npm run soak` does at length with the store of messages: a thousand processes killed while they write to it. */
import { killedStores } from "./io/store/killed-stores.ts";

export const soakTargets: readonly {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => Promise<readonly string[]>;
}[] = [
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
];
