/** The verbs that break, mend and change one uplink, as text and as a union. */
import type { Family } from "@ropewalk/kernel/addresses";
import type { BitsPerSecond, Bytes, Millis } from "@ropewalk/kernel/units";
import type { Directions, Protocol } from "./packet-faults.ts";
import {
  parseDirections,
  parseDuration,
  parseFamily,
  parseOctets,
  parseOr,
  parsePercent,
  parseProtocol,
  parseRate,
} from "./quantities.ts";

/** Verbs that are told an uplink and nothing else. */
const plainVerbs = [
  "cut",
  "heal",
  "portal",
  "intercept",
  "hijack",
  "deafen",
  "expire",
  "strict",
  "unroute",
  "renumber",
  "remove",
  "counters",
] as const;
type PlainVerb = (typeof plainVerbs)[number];

export type UplinkCommand =
  | { readonly kind: Exclude<PlainVerb, "counters">; readonly uplink: string }
  | { readonly kind: "counters"; readonly uplink: string }
  | { readonly kind: "blackhole"; readonly uplink: string; readonly which: Directions }
  | { readonly kind: "lose"; readonly uplink: string; readonly percent: number; readonly which: Directions }
  | { readonly kind: "shape"; readonly uplink: string; readonly rate: BitsPerSecond | undefined }
  | { readonly kind: "delay"; readonly uplink: string; readonly delay: Millis | undefined; readonly jitter: Millis }
  | { readonly kind: "bloat"; readonly uplink: string; readonly queue: Millis | undefined }
  | { readonly kind: "mtu"; readonly uplink: string; readonly largest: Bytes | undefined }
  | { readonly kind: "slowdns"; readonly uplink: string; readonly by: Millis }
  | { readonly kind: "no" | "only"; readonly uplink: string; readonly protocol: Protocol }
  | { readonly kind: "kill"; readonly uplink: string; readonly family: Family }
  | { readonly kind: "flap"; readonly uplink: string; readonly period: Millis }
  | { readonly kind: "rename"; readonly uplink: string; readonly name: string };

/** `words` are those behind the uplink. Undefined when they do not fit the verb, or there is no such verb. */
export function readUplinkCommand(verb: string, uplink: string, words: readonly string[]): UplinkCommand | undefined {
  const plain = plainVerbs.find((candidate) => candidate === verb);
  if (plain !== undefined) return words.length === 0 ? { kind: plain, uplink } : undefined;
  const [first = "", second] = words;
  if (words.length > 2) return undefined;
  return second === undefined
    ? (readWithOneWord(verb, uplink, first) ?? readWithTwoWords(verb, uplink, first, second))
    : readWithTwoWords(verb, uplink, first, second);
}

/** Those that take one word; an empty one is none. */
function readWithOneWord(verb: string, uplink: string, word: string): UplinkCommand | undefined {
  switch (verb) {
    case "blackhole":
      return withDefined(parseDirections(word || "both"), (which) => ({ kind: verb, uplink, which }));
    case "shape": {
      const rate = parseOr("off", word, parseRate);
      return rate === "invalid" ? undefined : { kind: verb, uplink, rate };
    }
    case "bloat": {
      const queue = parseOr("off", word, parseDuration);
      return queue === "invalid" ? undefined : { kind: verb, uplink, queue };
    }
    case "mtu": {
      const largest = parseOr("off", word, parseOctets);
      return largest === "invalid" ? undefined : { kind: verb, uplink, largest };
    }
    case "slowdns":
      return withDefined(parseDuration(word || "3s"), (by) => ({ kind: verb, uplink, by }));
    case "no":
    case "only":
      return withDefined(parseProtocol(word), (protocol) => ({ kind: verb, uplink, protocol }));
    case "kill":
      return withDefined(parseFamily(word), (family) => ({ kind: verb, uplink, family }));
    case "flap":
      return withDefined(parseDuration(word), (period) => ({ kind: verb, uplink, period }));
    case "rename":
      return word === "" ? undefined : { kind: verb, uplink, name: word };
    default:
      return undefined;
  }
}

/** Those that may take two. */
function readWithTwoWords(
  verb: string,
  uplink: string,
  first: string,
  second: string | undefined,
): UplinkCommand | undefined {
  switch (verb) {
    case "lose": {
      const percent = parsePercent(first);
      const which = parseDirections(second ?? "both");
      return percent === undefined || which === undefined ? undefined : { kind: verb, uplink, percent, which };
    }
    case "delay": {
      const delay = parseOr("off", first, parseDuration);
      const jitter = parseDuration(second ?? "0ms");
      return delay === "invalid" || jitter === undefined ? undefined : { kind: verb, uplink, delay, jitter };
    }
    default:
      return undefined;
  }
}

function withDefined<T>(value: T | undefined, make: (value: T) => UplinkCommand): UplinkCommand | undefined {
  return value === undefined ? undefined : make(value);
}
