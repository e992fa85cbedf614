/**
 * A node's clock as entry reckons it. A node tells its clock in each heartbeat; as it read it before entry heard of it, what is reckoned
 * from there is never ahead of the node's own clock, but for what the two clocks went apart since.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LeaseTerms } from "./lease-terms.ts";

/** Of a node's last heartbeat. */
export interface HeardClock {
  /** The life of the node that its clock belongs to. */
  readonly boot: string;
  readonly at: Millis;
  /** By the database's clock. */
  readonly heardAt: Millis;
}

/** Until when, and no longer, by its own clock, a node may take what is ordered by the transaction of `now`. */
export function mayBeTakenUntil(
  { boot, at, heardAt }: HeardClock,
  now: Millis,
  { delivery }: LeaseTerms,
): { readonly boot: string; readonly at: Millis } {
  return { boot, at: millis(at + Math.max(0, now - heardAt) + delivery) };
}
