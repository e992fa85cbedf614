/** What `iperf3 --json` tells at its end: octets that the receivers got, both ways together, and for how long. */

export interface Carried {
  readonly octets: number;
  readonly bitsPerSecond: number;
}

interface Sum {
  readonly bytes: number;
  readonly bits_per_second: number;
}

/** Throws with iperf3's own words when it failed. */
export function parseIperf(text: string): Carried {
  const report = JSON.parse(text) as {
    readonly error?: string;
    readonly end?: { readonly sum_received?: Sum; readonly sum_received_bidir_reverse?: Sum };
  };
  if (report.error !== undefined) throw new Error(`iperf3: ${report.error}`);
  const sums = [report.end?.sum_received, report.end?.sum_received_bidir_reverse].filter((sum) => sum !== undefined);
  if (sums.length === 0) throw new Error("iperf3 tells no sum");
  return {
    octets: sums.reduce((total, { bytes }) => total + bytes, 0),
    bitsPerSecond: sums.reduce((total, { bits_per_second: rate }) => total + rate, 0),
  };
}
