/**
 * The kernel's table of connections, listed and deleted. Source: linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h.
 *
 *   nfgenmsg   family u8 | version u8, zero | resource id be16, zero | attributes, numbers in them in network byte order
 *   tuple      { ip { source, destination }, protocol { number, … } }, nested
 */
import { type Family, type IpAddress, ipAddressBytes, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { findAttribute } from "./attributes.ts";
import { familyOfNumber } from "./families.ts";
import { type Malformed, malformed } from "./malformed.ts";
import { NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest, encodeU32Attribute } from "./request.ts";

const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT = { GET: 1, DELETE: 2, GET_STATS: 5 } as const;
const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2, MARK: 8, ID: 12, MARK_MASK: 21, FILTER: 25 } as const;
const CTA_TUPLE = { IP: 1, PROTO: 2 } as const;
const CTA_PROTO_NUM = 1;
const CTA_STATS_GLOBAL_ENTRIES = 1;
const CTA_FILTER = { ORIG_FLAGS: 1, REPLY_FLAGS: 2 } as const;
/** ctnetlink_filter_match of nf_conntrack_netlink.c: bit n is attribute n + 1 of a tuple's address. */
const CTA_FILTER_F = { CTA_IP_SRC: 1 << 0, CTA_IP_DST: 1 << 1 } as const;
const CTA_IP: Readonly<Record<Family, { readonly source: number; readonly destination: number }>> = {
  ipv4: { source: 1, destination: 2 },
  ipv6: { source: 3, destination: 4 },
};
const NLA_F_NESTED = 0x8000;
const headerLength = 4;
const familyNumbers: Readonly<Record<Family, number>> = { ipv4: 2, ipv6: 10 };
const everyFamily = 0;

export interface TrackedFlow {
  readonly family: Family;
  /** IPPROTO_*, as in the packets: 6 is TCP, 17 UDP. */
  readonly protocol: number;
  /** Who began it, before any translation. */
  readonly source: IpAddress;
  /** Where answers go: the address that the flow has on its uplink. */
  readonly replyDestination: IpAddress;
  /** CONNMARK. */
  readonly mark: number;
  /**
   * What the kernel knows it by: its original tuple, and the id that no later flow with the same tuple has. Views into the
   * message that it was decoded from.
   */
  readonly tuple: Uint8Array;
  readonly id: Uint8Array;
}

/** What the kernel is asked for; it picks the flows itself, which costs less than to be told of each. */
export type FlowQuestion =
  | { readonly kind: "all" }
  | { readonly kind: "family"; readonly family: Family }
  | { readonly kind: "marked"; readonly mark: number; readonly mask: number }
  /**
   * Those whose answers go to the IPv4 address; a kernel before 5.8 tells of all. Of IPv6 addresses it takes all but the one
   * that was asked for (ctnetlink_filter_match_tuple of nf_conntrack_netlink.c, Linux 6.18).
   */
  | { readonly kind: "answered"; readonly address: IpAddress }
  /** Those that began at the IPv4 address; as above. */
  | { readonly kind: "begun"; readonly address: IpAddress };

/** The answer ends with NLMSG_DONE. Of both families where the question is of none, for every walk through the table costs the same. */
export function encodeFlowDump(question: FlowQuestion, sequence: number): Uint8Array {
  const header = headerOf(familyNumberOf(question));
  return encodeRequest(typeOf(IPCTNL_MSG_CT.GET), NLM_F.DUMP, sequence, header, attributesOf(question));
}

function familyNumberOf(question: FlowQuestion): number {
  switch (question.kind) {
    case "all":
    case "marked":
      return everyFamily;
    case "family":
      return familyNumbers[question.family];
    case "answered":
    case "begun":
      return familyNumbers.ipv4;
  }
}

function attributesOf(question: FlowQuestion): readonly Uint8Array[] {
  switch (question.kind) {
    case "all":
    case "family":
      return [];
    case "marked":
      return [numberAttribute(CTA.MARK, question.mark), numberAttribute(CTA.MARK_MASK, question.mask)];
    case "answered": {
      const flags = encodeU32Attribute(CTA_FILTER.REPLY_FLAGS, CTA_FILTER_F.CTA_IP_DST);
      return [
        encodeAttribute(CTA.FILTER | NLA_F_NESTED, flags),
        tupleOf(CTA.TUPLE_REPLY, CTA_IP.ipv4.destination, question.address),
      ];
    }
    case "begun": {
      const flags = encodeU32Attribute(CTA_FILTER.ORIG_FLAGS, CTA_FILTER_F.CTA_IP_SRC);
      return [
        encodeAttribute(CTA.FILTER | NLA_F_NESTED, flags),
        tupleOf(CTA.TUPLE_ORIG, CTA_IP.ipv4.source, question.address),
      ];
    }
  }
}

function tupleOf(tuple: number, which: number, address: IpAddress): Uint8Array {
  const ip = encodeAttribute(which, ipAddressBytes(address));
  return encodeAttribute(tuple | NLA_F_NESTED, encodeAttribute(CTA_TUPLE.IP | NLA_F_NESTED, ip));
}

/** Asks how many flows there are, which costs nothing; the answer ends with a verdict. */
export function encodeFlowCountQuestion(sequence: number): Uint8Array {
  return encodeRequest(typeOf(IPCTNL_MSG_CT.GET_STATS), NLM_F.ACK, sequence, headerOf(everyFamily), []);
}

/** Undefined when the message does not tell. */
export function decodeFlowCount(payload: Uint8Array): number | undefined {
  const octets = findAttribute(payload.subarray(headerLength), CTA_STATS_GLOBAL_ENTRIES);
  return octets && numberIn(octets);
}

/**
 * Deletes all that bear the mark, of one family or of both, in one walk; the kernel answers with a verdict, and not with a number.
 * One without CONFIG_NF_CONNTRACK_MARK, or before 4.0, passes over the mark and deletes all: ask only where marks are in force.
 */
export function encodeFlowFlush(
  { mark, mask, family }: { readonly mark: number; readonly mask: number; readonly family: Family | undefined },
  sequence: number,
): Uint8Array {
  // Of version 0 the kernel takes every family for meant (ctnetlink_del_conntrack).
  const header = Uint8Array.of(family === undefined ? everyFamily : familyNumbers[family], 1, 0, 0);
  const attributes = attributesOf({ kind: "marked", mark, mask });
  return encodeRequest(typeOf(IPCTNL_MSG_CT.DELETE), NLM_F.ACK, sequence, header, attributes);
}

/**
 * Deletes all that began at the IPv4 address, in one walk that passes over empty places without a lock. A kernel before 6.12 does not know the filter, takes
 * the tuple for a whole one, and answers EINVAL. Not for IPv6, of which it would take all but those that are meant, as `answered` says.
 */
export function encodeBegunFlush(address: IpAddress, sequence: number): Uint8Array {
  const header = Uint8Array.of(familyNumbers.ipv4, 1, 0, 0);
  return encodeRequest(
    typeOf(IPCTNL_MSG_CT.DELETE),
    NLM_F.ACK,
    sequence,
    header,
    attributesOf({ kind: "begun", address }),
  );
}

/** The kernel answers with a verdict: ENOENT when the flow is gone. */
export function encodeFlowDelete({ family, tuple, id }: TrackedFlow, sequence: number): Uint8Array {
  const attributes = [encodeAttribute(CTA.TUPLE_ORIG | NLA_F_NESTED, tuple), encodeAttribute(CTA.ID, id)];
  const header = headerOf(familyNumbers[family]);
  return encodeRequest(typeOf(IPCTNL_MSG_CT.DELETE), NLM_F.ACK, sequence, header, attributes);
}

function typeOf(message: number): number {
  return (NFNL_SUBSYS_CTNETLINK << 8) | message;
}

function headerOf(family: number): Uint8Array {
  return Uint8Array.of(family, 0, 0, 0);
}

function numberAttribute(type: number, value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return encodeAttribute(type, octets);
}

/** Undefined for flows of other families. */
export function decodeFlow(payload: Uint8Array): TrackedFlow | Malformed | undefined {
  if (payload.length < headerLength) return malformed("a message of a flow cut short");
  const family = familyOfNumber(payload[0]);
  if (family === undefined) return undefined;
  const attributes = payload.subarray(headerLength);
  const tuple = findAttribute(attributes, CTA.TUPLE_ORIG);
  const reply = findAttribute(attributes, CTA.TUPLE_REPLY);
  const id = findAttribute(attributes, CTA.ID);
  if (tuple === undefined || reply === undefined || id === undefined)
    return malformed("a message of a flow without its tuples");
  const source = addressIn(tuple, CTA_IP[family].source);
  const replyDestination = addressIn(reply, CTA_IP[family].destination);
  const protocol = protocolIn(tuple);
  if (source === undefined || replyDestination === undefined || protocol === undefined) {
    return malformed("a message of a flow without its addresses");
  }
  return { family, protocol, source, replyDestination, mark: markIn(attributes), tuple, id };
}

function addressIn(tuple: Uint8Array, which: number): IpAddress | undefined {
  const ip = findAttribute(tuple, CTA_TUPLE.IP);
  const octets = ip && findAttribute(ip, which);
  return octets && ipAddressFromBytes(octets);
}

function protocolIn(tuple: Uint8Array): number | undefined {
  const protocol = findAttribute(tuple, CTA_TUPLE.PROTO);
  return protocol && findAttribute(protocol, CTA_PROTO_NUM)?.[0];
}

function markIn(attributes: Uint8Array): number {
  const octets = findAttribute(attributes, CTA.MARK);
  return (octets && numberIn(octets)) ?? 0;
}

function numberIn(octets: Uint8Array): number | undefined {
  return octets.length === 4 ? new DataView(octets.buffer, octets.byteOffset).getUint32(0) : undefined;
}
