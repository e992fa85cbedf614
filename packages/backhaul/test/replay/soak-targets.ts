/** What `npm run soak` does at length: random lives that must replay byte for byte. */
import { RecordedLife, replayed } from "./recorded-life.ts";

interface SoakTarget {
  readonly name: string;
  /** Unless the command line says otherwise. */
  readonly inputs: number;
  /** What went wrong. */
  readonly run: (inputs: number, seed: number) => readonly string[];
}

/** Steps of one life: few enough to be kept whole. */
const stepsOfLife = 50_000;
/** How long segments are, life after life: what a rotation may break shows where there are many, and where there are few. */
const linesInSegment = [500, 2_000, 50] as const;

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "replay",
    inputs: 1_000_000,
    run(inputs, seed) {
      const faults: string[] = [];
      for (let done = 0; done < inputs && faults.length < 10; done += stepsOfLife) {
        const own = seed + done;
        const lines = linesInSegment[(done / stepsOfLife) % linesInSegment.length] ?? linesInSegment[0];
        const life = new RecordedLife(own, Math.min(stepsOfLife, inputs - done), lines);
        const last = replayed(life.segments.flat()).at(-1);
        if (last?.kind !== "stepped") faults.push(`life ${own}: ${JSON.stringify(last)?.slice(0, 2_000)}`);
      }
      return faults;
    },
  },
];
