/**
 * How long what is ordered may last. An order is taken within `delivery` of its transaction, and holds for `lease` from when it is taken;
 * `margin` is what clocks may differ by over that time, and how late a node may be in ending a lease.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";

export interface LeaseTerms {
  readonly lease: Millis;
  readonly delivery: Millis;
  readonly margin: Millis;
  /** How long a node remembers that a placement was removed: no order to place it can come in time behind that. */
  readonly remember: Millis;
}

export interface Uncertainty {
  /** Of a second: by how much any two clocks may go apart in one. */
  readonly drift: number;
  /** The oldest that a heartbeat may be of which a node's clock is reckoned. */
  readonly heartbeatAge: Millis;
  /** How late a node ends a lease, at most. */
  readonly lateness: Millis;
}

/** With the margin that follows from what is uncertain. */
export function leaseTerms(
  lease: Millis,
  delivery: Millis,
  { drift, heartbeatAge, lateness }: Uncertainty,
): LeaseTerms {
  const margin = millis(Math.ceil((heartbeatAge + delivery + lease) * drift + lateness));
  return { lease, delivery, margin, remember: millis(Math.max(lease, delivery + margin)) };
}

/** The moment, by the database's clock, from which on no node has what is ordered at `now`. */
export function reachOf(now: Millis, { delivery, lease, margin }: LeaseTerms): Millis {
  return millis(now + delivery + lease + margin);
}

/** When a placement that may last until then is to be prolonged: a third of its lease is over. */
export function renewalAt(mayLastUntil: Millis, { delivery, lease, margin }: LeaseTerms): Millis {
  return millis(Math.max(0, mayLastUntil - delivery - margin - (2 * lease) / 3));
}

/** Of docs/protocols/vpn-control.md: entry may be away for twenty minutes at any time before the first lease ends. */
export const usualTerms: LeaseTerms = leaseTerms(seconds(1_800), seconds(10), {
  drift: 0.001,
  heartbeatAge: seconds(60),
  lateness: seconds(5),
});
