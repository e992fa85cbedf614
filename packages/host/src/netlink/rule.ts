/** RTM_NEWRULE. Source: linux/fib_rules.h. */
import type { RuleFacts } from "../facts.ts";
import { attributeI32, attributeText, attributeU8, attributeU32, readAttributes } from "./attributes.ts";
import { familyOfNumber, prefixOf } from "./families.ts";
import { type Malformed, malformed } from "./malformed.ts";

export const FRA = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  PRIORITY: 6,
  FWMARK: 10,
  SUPPRESS_PREFIXLEN: 14,
  TABLE: 15,
  FWMASK: 16,
  OIFNAME: 17,
  PROTOCOL: 21,
} as const;
export const ruleHeaderLength = 12;

/** Undefined for families other than IPv4 and IPv6. */
export function decodeRule(payload: Uint8Array): RuleFacts | Malformed | undefined {
  const [number, destinationLength = 0, sourceLength = 0, , table = 0] = payload;
  const attributes = readAttributes(payload.subarray(ruleHeaderLength));
  if (payload.length < ruleHeaderLength || attributes === undefined) return malformed("a rule message cut short");
  const family = familyOfNumber(number);
  if (family === undefined) return undefined;
  const source = sourceLength > 0 ? prefixOf(family, attributes.get(FRA.SRC), sourceLength) : undefined;
  const destination = destinationLength > 0 ? prefixOf(family, attributes.get(FRA.DST), destinationLength) : undefined;
  if ((sourceLength > 0 && source === undefined) || (destinationLength > 0 && destination === undefined)) {
    return malformed("a rule message whose prefix does not suit its family");
  }
  const value = attributeU32(attributes, FRA.FWMARK);
  const mask = attributeU32(attributes, FRA.FWMASK) ?? 0xffff_ffff;
  const suppress = attributeI32(attributes, FRA.SUPPRESS_PREFIXLEN);
  return {
    family,
    priority: attributeU32(attributes, FRA.PRIORITY) ?? 0,
    table: attributeU32(attributes, FRA.TABLE) ?? table,
    protocol: attributeU8(attributes, FRA.PROTOCOL) ?? 0,
    source,
    destination,
    mark: value === undefined ? undefined : { value, mask },
    suppressPrefixLength: suppress === undefined || suppress < 0 ? undefined : suppress,
    inputInterface: attributeText(attributes, FRA.IIFNAME),
    outputInterface: attributeText(attributes, FRA.OIFNAME),
  };
}
