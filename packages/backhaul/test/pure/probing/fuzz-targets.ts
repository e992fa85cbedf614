/** Decoders of what resolvers and web servers answer to probes, for the fuzzer. */
import { decodeDnsResponse } from "@ropewalk/backhaul/pure/probing/dns-message";
import { HttpResponseReader } from "@ropewalk/backhaul/pure/probing/http-response";
import { capture, captures } from "./dns-captures.ts";
import { responses } from "./http-responses.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "DNS response",
    run: (bytes) => void decodeDnsResponse(bytes),
    seeds: Object.keys(captures).map((name) => capture(name as keyof typeof captures)),
  },
  {
    name: "HTTP response",
    run: (bytes) => {
      const reader = new HttpResponseReader();
      const middle = bytes.length >> 1;
      reader.receive(bytes.subarray(0, middle));
      reader.receive(bytes.subarray(middle));
      reader.end();
    },
    seeds: responses.map(({ text }) => new TextEncoder().encode(text)),
  },
];
