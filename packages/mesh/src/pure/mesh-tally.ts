/** What a node has counted since it began: for the whole node, without an address. */
import { DropCounts } from "./protection/drop-counts.ts";
import type { BudgetKind } from "./protection/link-budget.ts";
import type { AnnounceFault } from "./wire/announce.ts";

export type AnnounceRefusal =
  | AnnounceFault
  | "signature"
  | "copy"
  | "old"
  | "unneeded"
  | "not-its-own"
  | "full"
  | "rate";
export type PacketDrop = "no-route" | "hops" | "label" | "flow" | "too-long";

export class MeshTally {
  readonly announcesRefused: Map<AnnounceRefusal, number> = new Map();
  readonly packetsDropped: Map<PacketDrop, number> = new Map();
  /** What came faster than a link may bring it. */
  readonly overRate: DropCounts<BudgetKind, "rate"> = new DropCounts();
  announcesProved = 0;
  packetsPassed = 0;
  packetsArrived = 0;

  refused(why: AnnounceRefusal): void {
    this.announcesRefused.set(why, (this.announcesRefused.get(why) ?? 0) + 1);
  }

  proved(): void {
    this.announcesProved += 1;
  }

  dropped(why: PacketDrop): void {
    this.packetsDropped.set(why, (this.packetsDropped.get(why) ?? 0) + 1);
  }
}
