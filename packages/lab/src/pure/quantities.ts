/** Durations, rates and shares as people write them. */
import { type BitsPerSecond, bitsPerSecond, type Millis, millis } from "@ropewalk/kernel/units";
import type { Directions } from "./nft-plan.ts";

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

function parseWithUnit(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)([a-z]+)$/.exec(text);
  const unit = units[match?.[2] ?? ""];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}
