/**
 * The named counters of one table of the family inet. Source: enum nft_object_attributes and enum nft_counter_attributes of
 * linux/netfilter/nf_tables.h.
 *
 *   nfgenmsg { family u8 | version u8 | resource id be16 } | table | name | type be32 | data { octets be64, packets be64 }
 */
import { type Attributes, attributeText, readAttributes } from "./attributes.ts";
import { NFNL_SUBSYS_NFTABLES, NFPROTO_INET, NFT_MSG, nfgenmsgLength } from "./firewall-query.ts";
import { type NetlinkMessage, NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest } from "./request.ts";

const NFTA_OBJ = { TABLE: 1, NAME: 2, TYPE: 3, DATA: 4 } as const;
const NFTA_COUNTER = { BYTES: 1, PACKETS: 2 } as const;
const NFT_OBJECT_COUNTER = Uint8Array.of(0, 0, 0, 1);
const header = Uint8Array.of(NFPROTO_INET, 0, 0, 0);
const text = new TextEncoder();

export interface FirewallCounter {
  readonly name: string;
  readonly packets: number;
  readonly octets: number;
}

/** The answer ends with NLMSG_DONE; it is empty where there is no such table. */
export function encodeCounterDump(table: string, sequence: number): Uint8Array {
  return encodeRequest((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG.GETOBJ, NLM_F.DUMP, sequence, header, [
    encodeAttribute(NFTA_OBJ.TABLE, text.encode(`${table}\0`)),
    encodeAttribute(NFTA_OBJ.TYPE, NFT_OBJECT_COUNTER),
  ]);
}

/** Undefined for what is no counter. */
export function decodeCounter({
  type,
  payload,
}: Pick<NetlinkMessage, "type" | "payload">): FirewallCounter | undefined {
  if (type !== ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG.NEWOBJ)) return undefined;
  const object = readAttributes(payload.subarray(nfgenmsgLength));
  const data = readAttributes(object?.get(NFTA_OBJ.DATA) ?? new Uint8Array());
  if (object === undefined || data === undefined) return undefined;
  const name = attributeText(object, NFTA_OBJ.NAME);
  const packets = count(data, NFTA_COUNTER.PACKETS);
  const octets = count(data, NFTA_COUNTER.BYTES);
  return name === undefined || packets === undefined || octets === undefined ? undefined : { name, packets, octets };
}

/** In network byte order. */
function count(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  if (value?.length !== 8) return undefined;
  return Number(new DataView(value.buffer, value.byteOffset, value.length).getBigUint64(0));
}
