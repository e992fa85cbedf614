/**
 * Leases as nft lists them. Source: libnftables-json(5), whose times are whole seconds: what a lease has left is rounded down, and what is read is never
 * longer than what the kernel has.
 */
import { vpnFirewallTable as table } from "@ropewalk/host/allocations";
import { type Family, families, parseIpAddress } from "@ropewalk/kernel/addresses";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { digits } from "./family-digits.ts";
import type { Lease } from "./lease-elements.ts";
import { isRecord, listedObjects } from "./nft-listing.ts";

/** The commands whose JSON `parseLeases` reads, one for each family. */
export const listLeases: readonly string[] = families.map((family) => listOf(family));

function listOf(family: Family): string {
  return `list set inet ${table} leases${digits[family]}\n`;
}

/** Those that stand in it; undefined: the text is not what nft lists of a set. `now` is of when it was listed. */
export function parseLeases(text: string, now: Millis): readonly Lease[] | undefined {
  const set = listedObjects(text).find((object) => isRecord(object["set"]))?.["set"];
  if (!isRecord(set)) return undefined;
  const elements = set["elem"];
  if (elements === undefined) return [];
  return Array.isArray(elements) ? elements.flatMap((element) => leaseIn(element, now)) : undefined;
}

function leaseIn(element: unknown, now: Millis): readonly Lease[] {
  const elem = isRecord(element) ? element["elem"] : undefined;
  const value = isRecord(elem) ? elem["val"] : undefined;
  const parts = isRecord(value) ? value["concat"] : undefined;
  if (!isRecord(elem) || !Array.isArray(parts)) return [];
  const [tunnel, text]: readonly unknown[] = parts;
  const expires = elem["expires"];
  const address = typeof text === "string" ? parseIpAddress(text) : undefined;
  if (typeof tunnel !== "string" || address === undefined || !isSeconds(expires)) return [];
  return [{ tunnel, address, endsAt: millis(now + expires * 1_000) }];
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) < 0xffff_ffff;
}
