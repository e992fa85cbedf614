/** Why packets are dropped at an exit: one counter of nftables for each reason, and how they are read from what nft lists. */
import { vpnFirewallTable } from "@ropewalk/host/allocations";
import { isRecord, listedObjects } from "./nft-listing.ts";

export const dropReasons = [
  /** From a tunnel, with a source that no lease gives to whoever is behind this interface: made up, or its lease is over. */
  "no-lease",
  /** To a peer whose lease is over. */
  "lease-over",
  /** To a peer, and no answer to what it sent. */
  "unsolicited",
  "peer-to-peer",
  /** To the node itself, and not to what is listed. */
  "own-service",
  "metadata",
  "management",
  "private",
  /** From another interface, from or to an address of a pool. */
  "pool-outside",
  /** It would have left with its address of the pool: no flow is known of it, or the way out has no address of its family. */
  "untranslated",
] as const;

export type DropReason = (typeof dropReasons)[number];

export interface Dropped {
  readonly packets: number;
  readonly octets: number;
}

export type DropCounts = Readonly<Record<DropReason, Dropped>>;

/** The command whose JSON `parseDropCounts` reads. */
export const listDropCounts: string = `list counters table inet ${vpnFirewallTable}\n`;

/** Undefined: the text is not what nft lists of our whole table. */
export function parseDropCounts(text: string): DropCounts | undefined {
  const counts = new Map<string, Dropped>();
  for (const { counter } of listedObjects(text)) {
    if (!isRecord(counter) || counter["table"] !== vpnFirewallTable || counter["family"] !== "inet") continue;
    const { name, packets, bytes } = counter;
    if (typeof name === "string" && isCount(packets) && isCount(bytes)) counts.set(name, { packets, octets: bytes });
  }
  const found = dropReasons.flatMap((reason) => {
    const count = counts.get(reason);
    return count === undefined ? [] : [[reason, count] as const];
  });
  return found.length === dropReasons.length ? (Object.fromEntries(found) as Record<DropReason, Dropped>) : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}
