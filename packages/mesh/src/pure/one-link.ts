/**
 * A peer has one link. Who dials while it has one has lost it, so the newer stays; only where both dialled at once, before either knew,
 * must both ends keep the same of the two: that which the lower address dialled.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "./mesh-address.ts";

export interface LinkBeginning {
  readonly direction: "dialled" | "accepted";
  /** When its connection was dialled or accepted here. */
  readonly startedAt: Millis;
  /** When its peer had proved his key. */
  readonly provedAt: Millis;
}

/** What one end may learn later than the other: a round trip. */
const allowance = millis(1_000);

/** Which of two links with `peer` stays: the one that was there, or the newer. */
export function linkThatStays(
  own: MeshAddress,
  peer: MeshAddress,
  older: LinkBeginning,
  newer: LinkBeginning,
): "older" | "newer" {
  const isAtOnce = older.direction !== newer.direction && newer.startedAt <= older.provedAt + allowance;
  if (!isAtOnce) return "newer";
  const wanted = own < peer ? "dialled" : "accepted";
  return older.direction === wanted ? "older" : "newer";
}
