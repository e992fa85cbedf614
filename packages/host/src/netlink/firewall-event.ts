/**
 * What the kernel tells of changes of nftables: each object that was made or removed, and behind the last of a transaction that
 * it was committed, with the program that did it. Source: linux/netfilter/nf_tables.h.
 *
 *   nfgenmsg   family u8 | version u8, zero | resource id be16 | attributes, of which the first type names the table
 */
import { attributeText, findAttribute, readAttributes } from "./attributes.ts";
import { NFNL_SUBSYS_NFTABLES, NFPROTO_INET, NFT_MSG, NFTA_CHAIN_NAME, nfgenmsgLength } from "./firewall-query.ts";
import { type Malformed, malformed } from "./malformed.ts";
import type { NetlinkMessage } from "./message.ts";

/** NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE and all their like. */
const tableName = 1;
const NFTA_GEN = { PROC_PID: 2, PROC_NAME: 3 } as const;
const removals: ReadonlySet<number> = new Set([
  NFT_MSG.DELTABLE,
  NFT_MSG.DELCHAIN,
  NFT_MSG.DELRULE,
  NFT_MSG.DELSET,
  NFT_MSG.DELSETELEM,
  NFT_MSG.DELOBJ,
  NFT_MSG.DELFLOWTABLE,
]);
const text = new TextDecoder();

export interface FirewallProgram {
  /** As `ps` has it, fifteen letters at most. */
  readonly name: string;
  /** As the machine itself counts, also when this process runs in a container that counts otherwise. */
  readonly pid: number;
}

export type FirewallEvent =
  | { readonly kind: "table-made" }
  | { readonly kind: "chain-made"; readonly chain: string }
  /** Any other object was made or changed. */
  | { readonly kind: "object-made" }
  | { readonly kind: "object-removed" }
  /** A transaction, of whatever table, is at its end. `by` is undefined before Linux 4.15. */
  | { readonly kind: "committed"; readonly by: FirewallProgram | undefined };

/** Undefined for what is not of this table of the family inet. */
export function decodeFirewallEvent(
  { type, payload }: NetlinkMessage,
  table: string,
): FirewallEvent | Malformed | undefined {
  if (type >> 8 !== NFNL_SUBSYS_NFTABLES) return undefined;
  if (payload.length < nfgenmsgLength) return malformed("a message of nftables cut short");
  const kind = type & 0xff;
  const attributes = payload.subarray(nfgenmsgLength);
  if (kind === NFT_MSG.NEWGEN) return decodeCommit(attributes);
  if (payload[0] !== NFPROTO_INET) return undefined;
  const name = findAttribute(attributes, tableName);
  if (name === undefined) return malformed("a message of nftables without its table");
  if (textOf(name) !== table) return undefined;
  if (kind === NFT_MSG.NEWTABLE) return { kind: "table-made" };
  if (kind === NFT_MSG.NEWCHAIN) {
    const chain = findAttribute(attributes, NFTA_CHAIN_NAME);
    return chain === undefined
      ? malformed("a message of a chain without its name")
      : { kind: "chain-made", chain: textOf(chain) };
  }
  return { kind: removals.has(kind) ? "object-removed" : "object-made" };
}

function decodeCommit(bytes: Uint8Array): FirewallEvent | Malformed {
  const attributes = readAttributes(bytes);
  if (attributes === undefined) return malformed("a message of a transaction cut short");
  const name = attributeText(attributes, NFTA_GEN.PROC_NAME);
  const pid = attributes.get(NFTA_GEN.PROC_PID);
  if (name === undefined || pid?.length !== 4) return { kind: "committed", by: undefined };
  // A program calls itself what it likes.
  const by = { name: name.replaceAll(/\p{Cc}/gu, "?"), pid: new DataView(pid.buffer, pid.byteOffset).getUint32(0) };
  return { kind: "committed", by };
}

function textOf(octets: Uint8Array): string {
  return text.decode(octets.at(-1) === 0 ? octets.subarray(0, -1) : octets);
}
