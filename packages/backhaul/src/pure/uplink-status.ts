/** The status of one uplink, put together from what each file here concludes about one side of it. */
import type { AddressFacts, DeviceFacts, RouterDnsFacts } from "@ropewalk/host/facts";
import type { Millis } from "@ropewalk/kernel/units";
import type { FamilyStatus, UplinkReason, UplinkReasonCode, UplinkStatus } from "../status.ts";
import type { DefaultRoute } from "./default-routes.ts";
import type { UplinkSettings } from "./entries.ts";
import { kindOf } from "./kind.ts";
import { familyStatus } from "./paths.ts";
import type { ResolverFacts } from "./resolver-facts.ts";
import { chooseMetered, chooseResolvers } from "./resolvers.ts";
import type { Uplink } from "./uplink.ts";

/** Addresses and routes are those of this uplink. */
export interface UplinkEvidence {
  readonly uplink: Uplink;
  readonly settings: UplinkSettings;
  readonly device: DeviceFacts | undefined;
  readonly addresses: readonly AddressFacts[];
  readonly routes: readonly DefaultRoute[];
  readonly resolvers: ResolverFacts | undefined;
  readonly routerDns: readonly RouterDnsFacts[];
  readonly isOnlyUplink: boolean;
  readonly now: Millis;
}

export function uplinkStatus(evidence: UplinkEvidence): UplinkStatus {
  const { uplink, settings, device, addresses, routes, resolvers, routerDns, isOnlyUplink, now } = evidence;
  const { id, link } = uplink;
  const ipv4 = familyStatus(link, "ipv4", addresses, routes);
  const ipv6 = familyStatus(link, "ipv6", addresses, routes);
  const reason = overallReason(ipv4, ipv6);
  return {
    id,
    name: link.name,
    label: settings.label ?? null,
    ifindex: link.ifindex,
    ...kindOf(link, device),
    state: reason.code === "not-measured" ? "unknown" : "down",
    reason,
    mtu: link.mtu,
    ipv4,
    ipv6,
    resolvers: chooseResolvers({
      settings,
      facts: resolvers,
      addresses,
      routerDns,
      ifindex: link.ifindex,
      isOnlyUplink,
      now,
    }),
    metered: chooseMetered(settings, resolvers, addresses),
    speedMbps: link.hasCarrier ? (device?.speedMbps ?? null) : null,
    counters: null,
    rttMs: null,
    loss: null,
    score: null,
  };
}

/** How far a family has come; the one that came further says what the uplink lacks. */
const progress: Readonly<Record<UplinkReasonCode, number>> = {
  disabled: 0,
  "no-carrier": 1,
  dormant: 2,
  "no-address": 3,
  "no-gateway": 4,
  "not-measured": 5,
};

function overallReason(ipv4: FamilyStatus, ipv6: FamilyStatus): UplinkReason {
  return progress[ipv6.reason.code] > progress[ipv4.reason.code] ? ipv6.reason : ipv4.reason;
}
