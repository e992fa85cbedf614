/** What this package parses, as functions of bytes, for the fuzzer: `run` returns on any input. */
import { commands } from "../src/command-line/command-table.ts";
import { parseLine } from "../src/command-line/parse.ts";
import { parseLoopback } from "../src/node-config.ts";
import { printable } from "../src/render/table.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
}

const decoder = new TextDecoder();
const octets = (text: string) => new TextEncoder().encode(text);

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "ropewalk: command line",
    run: (bytes) => void parseLine(decoder.decode(bytes).split("\0"), commands),
    seeds: ["uplink\0show\0--json\0wan0", "up\0--config=a\0--", "status\0--wach"].map(octets),
  },
  {
    name: "ropewalk: address to listen on",
    run: (bytes) => void parseLoopback(decoder.decode(bytes)),
    seeds: ["127.0.0.1:7410", "[::1]:80"].map(octets),
  },
  {
    name: "ropewalk: text for the terminal",
    run: (bytes) => void printable(decoder.decode(bytes)),
    seeds: ["wan0\u001b[2J", "\u202e"].map(octets),
  },
];
