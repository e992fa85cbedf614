/**
 * Asks nftables for one table or chain of the family inet; only whether it is there matters. Source:
 * linux/netfilter/nf_tables.h.
 */
import { NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest } from "./request.ts";

export const NFNL_SUBSYS_NFTABLES = 10;
export const NFPROTO_INET = 1;
export const NFT_MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  DELCHAIN: 5,
  DELRULE: 8,
  DELSET: 11,
  DELSETELEM: 14,
  NEWGEN: 15,
  NEWOBJ: 18,
  GETOBJ: 19,
  DELOBJ: 20,
  DELFLOWTABLE: 24,
} as const;
const NFTA_TABLE_NAME = 1;
const NFTA_CHAIN_TABLE = 1;
export const NFTA_CHAIN_NAME = 3;
/** struct nfgenmsg: family, version, resource id. */
const header = Uint8Array.of(NFPROTO_INET, 0, 0, 0);
export const nfgenmsgLength: number = header.length;
const text = new TextEncoder();

export type FirewallObject =
  | { readonly kind: "table"; readonly table: string }
  | { readonly kind: "chain"; readonly table: string; readonly chain: string };

/** The kernel answers with the object and a verdict, or with the verdict ENOENT. */
export function encodeFirewallQuery(object: FirewallObject, sequence: number): Uint8Array {
  switch (object.kind) {
    case "table":
      return query(NFT_MSG.GETTABLE, sequence, [name(NFTA_TABLE_NAME, object.table)]);
    case "chain":
      return query(NFT_MSG.GETCHAIN, sequence, [
        name(NFTA_CHAIN_TABLE, object.table),
        name(NFTA_CHAIN_NAME, object.chain),
      ]);
  }
}

function query(message: number, sequence: number, attributes: readonly Uint8Array[]): Uint8Array {
  return encodeRequest((NFNL_SUBSYS_NFTABLES << 8) | message, NLM_F.ACK, sequence, header, attributes);
}

function name(type: number, value: string): Uint8Array {
  return encodeAttribute(type, text.encode(`${value}\0`));
}
