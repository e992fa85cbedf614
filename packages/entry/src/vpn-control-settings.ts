/** How entry's control of the VPN is set. What follows from another is reckoned from it, so that no two can disagree. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { type LeaseTerms, leaseTerms, usualTerms } from "./pure/lease-terms.ts";
import { defaultFreshness } from "./pure/node-fitness.ts";

export interface VpnControlSettings {
  /** Nodes that were not heard of for longer are given nothing: `APP_NODE_FRESHNESS_SECS`. */
  readonly freshness: Millis;
  /** From one heartbeat of a node to the next. */
  readonly heartbeat: Millis;
  readonly terms: LeaseTerms;
  /** For which the replica that has claimed an order sends it, before any other may. */
  readonly claim: Millis;
  /** For which sessions that are over are kept. */
  readonly retention: Millis;
  /** For which it is known who did what: `entry.audit.retention`. */
  readonly auditRetention: Millis;
}

export const usualControl: VpnControlSettings = {
  freshness: defaultFreshness,
  heartbeat: seconds(10),
  terms: usualTerms,
  claim: seconds(5),
  retention: seconds(7 * 86_400),
  auditRetention: seconds(400 * 86_400),
};

/** With the margin that this freshness asks for; four heartbeats are within it, so that lost ones do no harm. */
export function controlFor(
  freshness: Millis,
  lease: Millis = usualTerms.lease,
  delivery: Millis = usualTerms.delivery,
): VpnControlSettings {
  const terms = leaseTerms(lease, delivery, { drift: 0.001, heartbeatAge: freshness, lateness: seconds(5) });
  return { ...usualControl, freshness, heartbeat: millis(Math.min(usualControl.heartbeat, freshness / 4)), terms };
}
