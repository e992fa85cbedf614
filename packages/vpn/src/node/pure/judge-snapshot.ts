/**
 * What a snapshot makes of what a node has. What it does not name, and is not later than it, goes before anything comes: its key and
 * addresses may be wanted for another. What is named is then judged order by order.
 */
import type { Held } from "./held.ts";
import type { LeaseTable } from "./lease-table.ts";
import type { PlacementId, Snapshot } from "./order.ts";

export type SnapshotJudgement =
  | {
      readonly kind: "take";
      /** To be forgotten: with their peers where they have any. */
      readonly unnamed: readonly Held[];
      /** Keys of strangers that nobody asks for. */
      readonly strangers: readonly string[];
    }
  /** `older`: a later one was taken. `other-boot`: it was made for another life of the node. */
  | { readonly kind: "refuse"; readonly why: "older" | "other-boot" };

export function judgeSnapshot(table: LeaseTable, snapshot: Snapshot): SnapshotJudgement {
  if (snapshot.boot !== table.boot) return { kind: "refuse", why: "other-boot" };
  if (snapshot.watermark < table.watermark) return { kind: "refuse", why: "older" };
  const named = new Set<PlacementId>(snapshot.placements.map(({ placement }) => placement));
  const keys = new Set(snapshot.placements.map(({ peer }) => peer.publicKey));
  return {
    kind: "take",
    unnamed: [...table.all()].filter(
      ({ placement, generation }) => !named.has(placement) && generation <= snapshot.watermark,
    ),
    strangers: [...table.strangers()].map(({ peer }) => peer.publicKey).filter((key) => !keys.has(key)),
  };
}
