/** What `npm run soak` does at length with records: ten million, through handshakes, lanes, changes of keys and crashes. */

import { chanceOf, runHistory } from "./record-histories.ts";
import { RecordLog } from "./record-log.ts";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => readonly string[];
}

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "record log",
    ...{ inputs: 10_000_000, unit: "records" },
    run(inputs, seed, report) {
      const log = new RecordLog();
      runHistory(log, inputs, chanceOf(seed));
      report(`${log.records} records under ${log.keys} keys, ${log.repeated.length} repeated`);
      return log.repeated;
    },
  },
];
