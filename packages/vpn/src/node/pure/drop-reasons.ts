/** Why packets are dropped at an exit: one counter of nftables for each reason, and all of them together. */
import type { Counted } from "@ropewalk/host/nft";

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

export type DropCounts = Readonly<Record<DropReason, Counted>>;

/** Undefined: one of them is missing, so it is not our whole table. */
export function dropCountsIn(counts: ReadonlyMap<string, Counted>): DropCounts | undefined {
  const found = dropReasons.flatMap((reason) => {
    const count = counts.get(reason);
    return count === undefined ? [] : [[reason, count] as const];
  });
  return found.length === dropReasons.length ? (Object.fromEntries(found) as Record<DropReason, Counted>) : undefined;
}
