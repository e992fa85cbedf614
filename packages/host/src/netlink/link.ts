/** RTM_NEWLINK and RTM_DELLINK. Source: linux/if_link.h, linux/if.h; struct ifinfomsg of linux/rtnetlink.h. */
import { macAddressFromBytes } from "@ropewalk/kernel/addresses";
import { bytes } from "@ropewalk/kernel/units";
import type { ObservedLink } from "../tables/network-event.ts";
import { type Attributes, attributeText, attributeU8, attributeU32, readAttributes } from "./attributes.ts";
import { readI32, readU16, readU32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";

const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  OPERSTATE: 16,
  LINKINFO: 18,
  CARRIER: 33,
  LINK_NETNSID: 37,
  PERM_ADDRESS: 54,
} as const;
const IFLA_INFO_KIND = 1;
const IFF = { UP: 0x1, LOWER_UP: 0x1_0000, DORMANT: 0x2_0000 } as const;
const IF_OPER_DORMANT = 5;
const AF_UNSPEC = 0;
const ifinfoLength = 16;

/**
 * Undefined for messages that do not describe the link itself: those of bridge ports (AF_BRIDGE, where RTM_DELLINK
 * means "left the bridge") and wireless events, which carry no name.
 */
export function decodeLink(payload: Uint8Array): ObservedLink | Malformed | undefined {
  const header = decodeHeader(payload);
  if (header === undefined) return malformed("a link message without its header");
  if (header.family !== AF_UNSPEC) return undefined;
  const attributes = readAttributes(payload.subarray(ifinfoLength));
  if (attributes === undefined) return malformed("a link message with a broken attribute");
  const name = attributeText(attributes, IFLA.IFNAME);
  if (name === undefined) return undefined;
  const isEnabled = (header.flags & IFF.UP) !== 0;
  return {
    ifindex: header.ifindex,
    name,
    mac: macAddressFromBytes(attributes.get(IFLA.ADDRESS) ?? new Uint8Array()),
    permanentMac: macAddressFromBytes(attributes.get(IFLA.PERM_ADDRESS) ?? new Uint8Array()),
    mtu: bytes(attributeU32(attributes, IFLA.MTU) ?? 0),
    hardwareType: header.hardwareType,
    isEnabled,
    hasCarrier: isEnabled && hasCarrier(attributes, header.flags),
    isDormant: (header.flags & IFF.DORMANT) !== 0 || attributeU8(attributes, IFLA.OPERSTATE) === IF_OPER_DORMANT,
    virtualKind: virtualKind(attributes),
    master: attributeU32(attributes, IFLA.MASTER) || undefined,
    lower: lower(attributes),
  };
}

/** The link that is gone; undefined when the message is about a bridge port. */
export function decodeRemovedLink(payload: Uint8Array): { readonly ifindex: number } | Malformed | undefined {
  const header = decodeHeader(payload);
  if (header === undefined) return malformed("a link message without its header");
  return header.family === AF_UNSPEC ? { ifindex: header.ifindex } : undefined;
}

function decodeHeader(payload: Uint8Array) {
  const [family] = payload;
  const hardwareType = readU16(payload, 2);
  const ifindex = readI32(payload, 4);
  const flags = readU32(payload, 8);
  if (payload.length < ifinfoLength || family === undefined || hardwareType === undefined) return undefined;
  if (flags === undefined || ifindex === undefined || ifindex < 1) return undefined;
  return { family, hardwareType, ifindex, flags };
}

/**
 * netif_carrier_ok at the time of the message. Never IFF_RUNNING or the operational state: linkwatch moves those late
 * (net/core/link_watch.c).
 */
function hasCarrier(attributes: Attributes, flags: number): boolean {
  const carrier = attributeU8(attributes, IFLA.CARRIER);
  return carrier === undefined ? (flags & IFF.LOWER_UP) !== 0 : carrier !== 0;
}

function virtualKind(attributes: Attributes): string | undefined {
  const nested = attributes.get(IFLA.LINKINFO);
  const info = nested === undefined ? undefined : readAttributes(nested);
  return info === undefined ? undefined : attributeText(info, IFLA_INFO_KIND);
}

/** With IFLA_LINK_NETNSID the number belongs to another namespace, where it names some other link. */
function lower(attributes: Attributes): number | undefined {
  return attributes.has(IFLA.LINK_NETNSID) ? undefined : attributeU32(attributes, IFLA.LINK) || undefined;
}
