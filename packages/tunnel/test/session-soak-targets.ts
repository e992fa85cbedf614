/** What is sampled in `npm test` of sessions, in full: histories of two of them, and a million streams opened and closed. */
import fc from "fast-check";
import { histories, play } from "./pure/session/history.ts";
import { openAndClose } from "./pure/session/open-and-close.ts";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => readonly string[];
}

/** A megabyte for a hundred thousand streams, of which none is there any more, is growth. */
const allowedGrowth = 16_777_216;

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "tunnel session histories",
    ...{ inputs: 1_000_000, unit: "histories" },
    run(inputs, seed) {
      const { failed, counterexample, errorInstance } = fc.check(fc.property(histories, play), {
        numRuns: inputs,
        seed,
      });
      return failed ? [`${errorInstance}\n${JSON.stringify(counterexample)}`] : [];
    },
  },
  {
    name: "tunnel session opens and closes",
    ...{ inputs: 1_000_000, unit: "streams" },
    run(inputs, seed, report) {
      // What is compiled and laid out once is there before it is looked at how much is there.
      const faults = [...openAndClose(Math.min(inputs, 100_000), seed)];
      const before = memory();
      faults.push(...openAndClose(inputs, seed));
      const grown = memory() - before;
      report(`${grown} octets more than before`);
      return grown > allowedGrowth ? [...faults, `it has grown by ${grown} octets`] : faults;
    },
  },
];

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
