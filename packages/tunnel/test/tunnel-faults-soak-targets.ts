/** The full counts of what `npm test` samples of the tunnel's faults. */
import { churnAndCount } from "./faults/churn-count.ts";
import { runCuts } from "./faults/cut-run.ts";
import { cutAtOffsets, mostOffset } from "./faults/offset-cuts.ts";
import { standStill } from "./faults/stand-still.ts";

type Report = (line: string) => void;

export const soakTargets = [
  {
    name: "tunnel-cuts",
    inputs: 1_000,
    unit: "cuts",
    async run(inputs: number, seed: number, report: Report): Promise<readonly string[]> {
      const { faults, summary } = await runCuts({ seed, cuts: inputs, streams: 100, report });
      report(summary);
      return faults;
    },
  },
  {
    name: "tunnel-offset-cuts",
    inputs: mostOffset,
    unit: "octets of both directions",
    run(inputs: number, seed: number, report: Report): Promise<readonly string[]> {
      const stride = Math.max(1, Math.floor(mostOffset / inputs));
      return cutAtOffsets(stride === 1 ? 0 : seed % stride, stride, report);
    },
  },
  {
    name: "tunnel-stand-still",
    inputs: 30,
    unit: "seconds each",
    async run(inputs: number, seed: number, report: Report): Promise<readonly string[]> {
      const all: string[] = [];
      for (const still of ["source", "destination"] as const) {
        const { faults, wentOnAfterMs } = await standStill({ seed, still, seconds: inputs });
        report(`the ${still} woke, and the streams went on after ${wentOnAfterMs.toFixed(0)} ms`);
        all.push(...faults);
      }
      return all;
    },
  },
  {
    name: "tunnel-churn",
    inputs: 1_000_000,
    unit: "connections",
    run: (inputs: number, _seed: number, report: Report): Promise<readonly string[]> => churnAndCount(inputs, report),
  },
];
