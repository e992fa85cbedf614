/** What a replay reads of a log that anybody may have written, for the fuzzer; the seeds are lines of a real one. */

import { initialState } from "@ropewalk/backhaul/pure/machine";
import { applyDifference } from "@ropewalk/backhaul/pure/replay/difference";
import { readInput } from "@ropewalk/backhaul/pure/replay/input-text";
import { DecisionReplay } from "@ropewalk/backhaul/pure/replay/replay";
import { decodeValue, encodeValue, readValue } from "@ropewalk/backhaul/pure/replay/value-codec";
import { RecordedLife } from "./recorded-life.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds?: readonly Uint8Array[];
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const texts = (...seeds: readonly string[]) => seeds.map((seed) => encoder.encode(seed));

const lines = new RecordedLife(1, 500, 1_000).segments.flat().slice(1);
const network = { network: { links: new Map([[2, { name: "eth0", mtu: 1500 }]]), routes: [1, 2] } };
const known = { state: { ...initialState, ...network } as never, counts: new Map() };

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "decision log: value",
    run(bytes) {
      const text = decoder.decode(bytes);
      const decoded = decodeValue(text);
      if (decoded.kind === "value" && encodeValue(decoded.value) !== text) throw new Error("another text came out");
    },
    seeds: texts('{"a":["$map",[1,"$undefined"]],"b":["$set","$-0"],"c":"$$x"}', "[1e21,-1.5,null,true]"),
  },
  {
    name: "decision log: difference",
    run(bytes) {
      const read = readValue(decoder.decode(bytes));
      if (read.kind === "value") applyDifference(network, read.value);
    },
    seeds: texts(
      '{"network":{"links":["map",[],[[2,{"mtu":[1400]}]],[2]],"routes":["splice",0,1,[3]]}}',
      '{"network":{"routes":["items",[[1,[5]]]]}}',
    ),
  },
  {
    name: "decision log: record",
    run(bytes) {
      const read = readValue(decoder.decode(bytes));
      if (read.kind === "value" && Array.isArray(read.value)) readInput(read.value, known);
    },
    seeds: texts(...lines.filter((line) => line.length < 512).slice(0, 40)),
  },
  {
    name: "decision log: header",
    run: (bytes) => void new DecisionReplay().take(decoder.decode(bytes)),
    seeds: texts(
      '{"format":"ropewalk-decisions/1","version":"0.1.0","segment":1,"opening":{"kind":"start"},"wall":"2026"}',
    ),
  },
];
