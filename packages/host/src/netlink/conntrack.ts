/**
 * The kernel's table of connections that it forwards, listed and deleted. Source: linux/netfilter/nfnetlink.h and
 * nfnetlink_conntrack.h.
 *
 *   nfgenmsg   family u8 | version u8, zero | resource id be16, zero | attributes, numbers in them in network byte order
 *   tuple      { ip { source, destination }, protocol { … } }, nested
 */
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import { type Attributes, attributeAddress, readAttributes } from "./attributes.ts";
import { familyOfNumber } from "./families.ts";
import { type Malformed, malformed } from "./malformed.ts";
import { NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest } from "./request.ts";

const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT = { GET: 1, DELETE: 2 } as const;
const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2, MARK: 8, ID: 12 } as const;
const CTA_TUPLE_IP = 1;
const CTA_IP: Readonly<Record<Family, { readonly source: number; readonly destination: number }>> = {
  ipv4: { source: 1, destination: 2 },
  ipv6: { source: 3, destination: 4 },
};
const NLA_F_NESTED = 0x8000;
const headerLength = 4;
const familyNumbers: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };

export interface TrackedFlow {
  readonly family: Family;
  /** Who began it, before any translation. */
  readonly source: IpAddress;
  /** Where answers go: the address that the flow has on its uplink. */
  readonly replyDestination: IpAddress;
  /** CONNMARK. */
  readonly mark: number;
  /** What the kernel knows it by: its original tuple, and the id that no later flow with the same tuple has. */
  readonly tuple: Uint8Array;
  readonly id: Uint8Array;
}

function typeOf(message: number): number {
  return (NFNL_SUBSYS_CTNETLINK << 8) | message;
}

/** Asks for all flows of a family; the answer ends with NLMSG_DONE. */
export function encodeFlowDump(family: Family, sequence: number): Uint8Array {
  return encodeRequest(typeOf(IPCTNL_MSG_CT.GET), NLM_F.DUMP, sequence, headerOf(family), []);
}

/** The kernel answers with a verdict: ENOENT when the flow is gone. */
export function encodeFlowDelete({ family, tuple, id }: TrackedFlow, sequence: number): Uint8Array {
  const attributes = [encodeAttribute(CTA.TUPLE_ORIG | NLA_F_NESTED, tuple), encodeAttribute(CTA.ID, id)];
  return encodeRequest(typeOf(IPCTNL_MSG_CT.DELETE), NLM_F.ACK, sequence, headerOf(family), attributes);
}

function headerOf(family: Family): Uint8Array {
  const header = new Uint8Array(headerLength);
  header[0] = familyNumbers[family];
  return header;
}

/** Undefined for flows of other families. */
export function decodeFlow(payload: Uint8Array): TrackedFlow | Malformed | undefined {
  const attributes = readAttributes(payload.subarray(headerLength));
  if (payload.length < headerLength || attributes === undefined) return malformed("a message of a flow cut short");
  const family = familyOfNumber(payload[0]);
  if (family === undefined) return undefined;
  const tuple = attributes.get(CTA.TUPLE_ORIG);
  const id = attributes.get(CTA.ID);
  const source = addressIn(tuple, family, "source");
  const replyDestination = addressIn(attributes.get(CTA.TUPLE_REPLY), family, "destination");
  if (tuple === undefined || id === undefined || source === undefined || replyDestination === undefined) {
    return malformed("a message of a flow without its addresses");
  }
  return { family, source, replyDestination, mark: markIn(attributes), tuple: tuple.slice(), id: id.slice() };
}

function addressIn(
  tuple: Uint8Array | undefined,
  family: Family,
  which: "source" | "destination",
): IpAddress | undefined {
  const parts = tuple === undefined ? undefined : readAttributes(tuple);
  const ip = parts?.get(CTA_TUPLE_IP);
  const addresses = ip === undefined ? undefined : readAttributes(ip);
  return addresses === undefined ? undefined : attributeAddress(addresses, CTA_IP[family][which]);
}

function markIn(attributes: Attributes): number {
  const octets = attributes.get(CTA.MARK);
  return octets?.length === 4 ? new DataView(octets.buffer, octets.byteOffset).getUint32(0) : 0;
}
