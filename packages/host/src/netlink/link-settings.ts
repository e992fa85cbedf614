/** RTM_NEWNETCONF: the settings of one interface, or of all, that are sysctls under net.*.conf. Source: linux/netconf.h. */
import type { Family } from "@ropewalk/kernel/addresses";
import { readAttributes } from "./attributes.ts";
import { familyOfNumber } from "./families.ts";
import { readI32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";

const NETCONFA = { IFINDEX: 1, IGNORE_ROUTES_WITH_LINKDOWN: 6 } as const;
const NETCONFA_IFINDEX_ALL = -1;
/** struct netconfmsg is one octet, padded. */
const netconfLength = 4;

export interface LinkSettings {
  readonly family: Family;
  readonly ifindex: number | "all";
  /** ignore_routes_with_linkdown: the kernel passes over the interface's routes while it has no carrier. */
  readonly skipsDeadRoutes: boolean;
}

/** Undefined for other families, for the defaults of coming interfaces, and for messages about other settings. */
export function decodeLinkSettings(payload: Uint8Array): LinkSettings | Malformed | undefined {
  const attributes = readAttributes(payload.subarray(netconfLength));
  if (payload.length < netconfLength || attributes === undefined) return malformed("a netconf message cut short");
  const family = familyOfNumber(payload[0]);
  const ifindex = readI32(attributes.get(NETCONFA.IFINDEX) ?? new Uint8Array(), 0);
  const value = readI32(attributes.get(NETCONFA.IGNORE_ROUTES_WITH_LINKDOWN) ?? new Uint8Array(), 0);
  if (family === undefined || ifindex === undefined || value === undefined) return undefined;
  if (ifindex !== NETCONFA_IFINDEX_ALL && ifindex < 1) return undefined;
  return { family, ifindex: ifindex === NETCONFA_IFINDEX_ALL ? "all" : ifindex, skipsDeadRoutes: value !== 0 };
}
