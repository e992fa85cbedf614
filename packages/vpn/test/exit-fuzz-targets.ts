/** What an exit reads that it has not written itself. */
import { parseDropCounts } from "@ropewalk/vpn/node/pure/drop-reasons";
import type { FuzzTarget } from "./fuzz-target.ts";
import { listedCounts } from "./node/pure/listed-counts.ts";

const decoder = new TextDecoder();

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "counters of an exit",
    run: (bytes) => void parseDropCounts(decoder.decode(bytes)),
    seeds: [new TextEncoder().encode(listedCounts(7))],
  },
];
