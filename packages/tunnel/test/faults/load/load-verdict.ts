/** The checker's word on all streams of a load, from what its two halves have reported. */
import type { LoadReport } from "./load.ts";
import type { EndResult } from "./stream-end.ts";
import { faultsOf } from "./verdict.ts";

export interface LoadVerdict {
  readonly streams: number;
  /** That came, at both ends. */
  readonly octets: number;
  readonly faults: readonly string[];
}

export interface Reports {
  readonly clients: readonly LoadReport[];
  readonly target: readonly LoadReport[];
}

export function judge(seed: number, length: number, { clients, target }: Reports): LoadVerdict {
  const near = resultsOf(clients);
  const far = resultsOf(target);
  const numbers = new Set([...near.keys(), ...far.keys()]);
  const faults = [...numbers].flatMap((number) =>
    faultsOf(seed, length, number, { client: near.get(number), target: far.get(number) }),
  );
  const came = [...near.values(), ...far.values()].reduce((sum, result) => sum + result.came.length, 0);
  return { streams: numbers.size, octets: came, faults: [...[...target, ...clients].flatMap(strangeness), ...faults] };
}

export function resultsOf(reports: readonly LoadReport[]): ReadonlyMap<number, EndResult> {
  return new Map(reports.flatMap((report) => (report.kind === "ended" ? [[report.result.number, report.result]] : [])));
}

function strangeness(report: LoadReport): readonly string[] {
  if (report.kind === "stranger") return [`a stranger reached the target: ${report.why}`];
  return report.kind === "pulse-ended" ? [`the pulse ended ${report.why}`] : [];
}
