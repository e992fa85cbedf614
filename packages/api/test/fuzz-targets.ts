/** Everything of this package that reads what somebody else wrote, as a function of bytes, for the fuzzer: `run` returns on any input. */
import { nodeEventSchema } from "@ropewalk/api/events";
import { explanationSchema } from "@ropewalk/api/explanation-schema";
import { problemDocument, problemSchema } from "@ropewalk/api/problem";
import { EventStreamReader } from "../src/event-stream-reader.ts";
import { nodeStatusSchema } from "../src/http-schema.ts";
import { explanation, status } from "./sample.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
}

const decoder = new TextDecoder();
const octets = (text: string) => new TextEncoder().encode(text);
const removed = { kind: "uplink-removed", at: status.at, seenAtMonotonicMs: 1, uplinkId: "a", name: "b", reason: "c" };

/** Bytes that are no JSON are taken as one string, so that the schema is reached with every input. */
function parsed(bytes: Uint8Array): unknown {
  const text = decoder.decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "api: stream of events",
    run: (bytes) => void new EventStreamReader().push(bytes),
    seeds: [octets("id: e-1\nevent: snapshot\ndata: {}\n\n"), octets(": c\r\n\r\ndata\n\n")],
  },
  {
    name: "api: status document",
    run: (bytes) => void nodeStatusSchema.safeParse(parsed(bytes)),
    seeds: [octets(JSON.stringify(status))],
  },
  {
    name: "api: event document",
    run: (bytes) => void nodeEventSchema.safeParse(parsed(bytes)),
    seeds: [octets(JSON.stringify(removed))],
  },
  {
    name: "api: explanation document",
    run: (bytes) => void explanationSchema.safeParse(parsed(bytes)),
    seeds: [octets(JSON.stringify(explanation))],
  },
  {
    name: "api: problem document",
    run: (bytes) => void problemSchema.safeParse(parsed(bytes)),
    seeds: [octets(JSON.stringify(problemDocument("not-found", "none", [])))],
  },
];
