/** A thousand cuts from outside, of which `npm test` makes twenty. */
import { runCuts } from "./cut-run.ts";

export const soakTargets = [
  {
    name: "tunnel-cuts",
    inputs: 1_000,
    unit: "cuts",
    async run(inputs: number, seed: number, report: (line: string) => void): Promise<readonly string[]> {
      const { faults, summary } = await runCuts({ seed, cuts: inputs, streams: 100, report });
      report(summary);
      return faults;
    },
  },
];
