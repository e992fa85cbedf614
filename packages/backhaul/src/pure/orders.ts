/** What the operator said of uplinks, and what that makes of each. His word stands until he takes it back. */
import type { UplinkId } from "@ropewalk/kernel/connectivity";

export type OperatorOrder =
  /** Use it now, and until it fails. */
  | { readonly kind: "use"; readonly uplinkId: UplinkId }
  /** Use it for as long as it can be used at all, whatever was measured. */
  | { readonly kind: "pin"; readonly uplinkId: UplinkId }
  /** Put nothing on it while another carries traffic. */
  | { readonly kind: "drain"; readonly uplinkId: UplinkId }
  /** Take back what was said of it; without one, everything. */
  | { readonly kind: "release"; readonly uplinkId: UplinkId | undefined };

export type OrderOutcome = { readonly kind: "done" } | { readonly kind: "refused"; readonly reason: string };

/** What outlives a restart. No uplink is both pinned and drained. */
export interface Orders {
  readonly pinned: UplinkId | undefined;
  readonly drained: readonly UplinkId[];
}

export const noOrders: Orders = { pinned: undefined, drained: [] };

/** What holds of one uplink by the operator's word. */
export type StandingOrder = "pinned" | "used" | "drained";

/** `used` is the uplink that was ordered to be used and has not failed since. */
export function standingOrder(uplinkId: UplinkId, orders: Orders, used: UplinkId | undefined): StandingOrder | null {
  if (uplinkId === orders.pinned) return "pinned";
  if (orders.drained.includes(uplinkId)) return "drained";
  return uplinkId === used ? "used" : null;
}

/** The orders after one that was not refused. */
export function orderedBy({ pinned, drained }: Orders, order: OperatorOrder): Orders {
  const { uplinkId } = order;
  switch (order.kind) {
    case "use":
      return { pinned, drained };
    case "pin":
      return { pinned: uplinkId, drained };
    case "drain":
      return { pinned, drained: [...drained.filter((id) => id !== uplinkId), order.uplinkId] };
    case "release":
      if (uplinkId === undefined) return noOrders;
      return {
        pinned: pinned === uplinkId ? undefined : pinned,
        drained: drained.filter((id) => id !== uplinkId),
      };
  }
}

/** A store may hold anything: of what contradicts itself the pin counts. */
export function wellFormedOrders({ pinned, drained }: Orders): Orders {
  return { pinned, drained: [...new Set(drained)].filter((id) => id !== pinned) };
}
