/**
 * What one transaction of nftables did to one table, from the events in which the kernel tells it. Who made the table anew is not
 * asked: the first chain in it says what it was made as.
 */
import type { FirewallEvent, FirewallProgram } from "../netlink/firewall-event.ts";

export type FirewallChange =
  /** The table was made, and nothing taken from it since; `firstChain` is the first in it. */
  | { readonly kind: "made"; readonly firstChain: string; readonly by: FirewallProgram | undefined }
  | { readonly kind: "changed"; readonly by: FirewallProgram | undefined }
  /** More happened than could be followed, and the table may be among it. */
  | { readonly kind: "unseen" };

export type FirewallTransaction =
  | { readonly kind: "elsewhere" }
  | { readonly kind: "changed" }
  /** The table is new and has no chain yet. */
  | { readonly kind: "begun" }
  | { readonly kind: "made"; readonly firstChain: string };

export const newTransaction: FirewallTransaction = { kind: "elsewhere" };

export function observe(
  transaction: FirewallTransaction,
  event: Exclude<FirewallEvent, { readonly kind: "committed" }>,
): FirewallTransaction {
  switch (event.kind) {
    case "table-made":
      return { kind: "begun" };
    case "chain-made":
      if (transaction.kind === "begun") return { kind: "made", firstChain: event.chain };
      return transaction.kind === "made" ? transaction : { kind: "changed" };
    case "object-made":
      return transaction.kind === "begun" || transaction.kind === "made" ? transaction : { kind: "changed" };
    case "object-removed":
      return { kind: "changed" };
  }
}

/** Undefined when the table had no part in it. */
export function changeBy(
  transaction: FirewallTransaction,
  by: FirewallProgram | undefined,
): FirewallChange | undefined {
  switch (transaction.kind) {
    case "elsewhere":
      return undefined;
    case "changed":
    case "begun":
      return { kind: "changed", by };
    case "made":
      return { ...transaction, by };
  }
}
