/** RTM_NEWNETCONF: the settings of one interface, or of all, that are sysctls under net.*.conf. Source: linux/netconf.h. */
import type { LinkSettings } from "../tables/network-event.ts";
import { attributeI32, readAttributes } from "./attributes.ts";
import { familyOfNumber } from "./families.ts";
import { type Malformed, malformed } from "./malformed.ts";

const NETCONFA = { IFINDEX: 1, RP_FILTER: 3, IGNORE_ROUTES_WITH_LINKDOWN: 6 } as const;
const NETCONFA_IFINDEX_ALL = -1;
/** struct netconfmsg is one octet, padded. */
const netconfLength = 4;

/** Undefined for other families, for the defaults of coming interfaces, and for messages about other settings. */
export function decodeLinkSettings(payload: Uint8Array): LinkSettings | Malformed | undefined {
  const attributes = readAttributes(payload.subarray(netconfLength));
  if (payload.length < netconfLength || attributes === undefined) return malformed("a netconf message cut short");
  const family = familyOfNumber(payload[0]);
  const ifindex = attributeI32(attributes, NETCONFA.IFINDEX);
  const skips = attributeI32(attributes, NETCONFA.IGNORE_ROUTES_WITH_LINKDOWN);
  const reversePathFilter = family === "ipv4" ? attributeI32(attributes, NETCONFA.RP_FILTER) : undefined;
  if (family === undefined || ifindex === undefined) return undefined;
  if (skips === undefined && reversePathFilter === undefined) return undefined;
  if (ifindex !== NETCONFA_IFINDEX_ALL && ifindex < 1) return undefined;
  return {
    family,
    ifindex: ifindex === NETCONFA_IFINDEX_ALL ? "all" : ifindex,
    skipsDeadRoutes: skips === undefined ? undefined : skips !== 0,
    reversePathFilter,
  };
}
