/** What `iperf3 --json` tells: octets that the receivers got, both ways together, and how fast, as a whole or once it goes. */

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

interface Intervals {
  readonly intervals?: readonly { readonly sum: Sum & { readonly start: number } }[];
}

/**
 * Bits a second that a receiver got from `from` seconds on: what a slow line and a tunnel still hold at the end was not carried
 * slowly. Needs the server's report where the server received (`--get-server-output`). The last interval may be cut short.
 */
export function parseSteadyRate(text: string, receiver: "client" | "server", from: number): number {
  const report = JSON.parse(text) as Intervals & { readonly server_output_json?: Intervals };
  const { intervals = [] } = (receiver === "client" ? report : report.server_output_json) ?? {};
  const rates = intervals
    .slice(0, -1)
    .filter(({ sum }) => sum.start >= from)
    .map(({ sum }) => sum.bits_per_second);
  if (rates.length === 0) throw new Error(`iperf3's ${receiver} tells of no second after ${from}`);
  return rates.reduce((total, rate) => total + rate, 0) / rates.length;
}
