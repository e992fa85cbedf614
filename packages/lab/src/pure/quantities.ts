/** Durations, rates, shares and the words for a choice, as people write them. */
import { type Family, families } from "@ropewalk/kernel/addresses";
import { type BitsPerSecond, type Bytes, bitsPerSecond, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import { type Directions, type Protocol, protocols } from "./packet-faults.ts";

/** `80ms`, `1.5s`, `2m`; undefined for anything else. */
export function parseDuration(text: string): Millis | undefined {
  const value = parseWithUnit(text, { ms: 1, s: 1000, m: 60_000 });
  return value === undefined ? undefined : millis(value);
}

/** `500kbit`, `5mbit`, `1gbit`, as tc writes them; undefined for anything else, and for less than a kilobit. */
export function parseRate(text: string): BitsPerSecond | undefined {
  const value = parseWithUnit(text, { kbit: 1e3, mbit: 1e6, gbit: 1e9 });
  return value === undefined || value < 1000 ? undefined : bitsPerSecond(value);
}

/** `20`, `20%` or `0.5`: 0…100. */
export function parsePercent(text: string): number | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,3})?)%?$/.exec(text);
  const value = Number(match?.[1]);
  return value <= 100 ? value : undefined;
}

export function parseDirections(text: string): Directions | undefined {
  return text === "tx" || text === "rx" || text === "both" ? text : undefined;
}

/** A whole number of octets. */
export function parseOctets(text: string): Bytes | undefined {
  return /^\d{1,6}$/.test(text) ? bytes(Number(text)) : undefined;
}

export function parseProtocol(text: string): Protocol | undefined {
  return protocols.find((protocol) => protocol === text);
}

export function parseFamily(text: string): Family | undefined {
  return families.find((family) => family === text);
}

/** Undefined for the word that means "none". */
export function parseOr<T>(
  none: string,
  word: string | undefined,
  parse: (text: string) => T | undefined,
): T | "invalid" | undefined {
  if (word === none) return undefined;
  return parse(word ?? "") ?? "invalid";
}

function parseWithUnit(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)([a-z]+)$/.exec(text);
  const unit = units[match?.[2] ?? ""];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}
