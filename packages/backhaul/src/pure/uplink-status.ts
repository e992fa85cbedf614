/** The status of one uplink, put together from what each file here concludes about one side of it. */
import type { AddressFacts, DeviceFacts, RouterDnsFacts } from "@ropewalk/host/facts";
import type { Family } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { FamilyStatus, ProbingStatus, UplinkReason, UplinkStatus } from "../status.ts";
import type { DefaultRoute } from "./default-routes.ts";
import type { UplinkSettings } from "./entries.ts";
import type { PathVerdict } from "./health/verdict.ts";
import { kindOf } from "./kind.ts";
import { familyStatus } from "./paths.ts";
import { compareProgress } from "./reasons.ts";
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
  /** Why a family that could be measured is not; undefined when it is. */
  readonly unmeasurable: (family: Family) => UplinkReason | undefined;
}

export function uplinkStatus(evidence: UplinkEvidence): UplinkStatus {
  const { uplink, settings, device, addresses, routes, resolvers, routerDns, isOnlyUplink, now } = evidence;
  const { id, link } = uplink;
  const ipv4 = familyStatus(link, "ipv4", addresses, routes, evidence.unmeasurable("ipv4"));
  const ipv6 = familyStatus(link, "ipv6", addresses, routes, evidence.unmeasurable("ipv6"));
  return {
    id,
    name: link.name,
    label: settings.label ?? null,
    ifindex: link.ifindex,
    ...kindOf(link, device),
    ...overall(ipv4, ipv6),
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
    probing: null,
  };
}

/** The family that came further speaks for the uplink; IPv4 when both came as far. */
function overall(
  ipv4: FamilyStatus,
  ipv6: FamilyStatus,
): Pick<UplinkStatus, "state" | "reason" | "rttMs" | "loss" | "score"> {
  const { state, reason, figures } = compareProgress(ipv6.reason.code, ipv4.reason.code) < 0 ? ipv6 : ipv4;
  return { state, reason, rttMs: figures.rttMs, loss: figures.loss, score: figures.score?.total ?? null };
}

/** The status with what was measured of each family; without a verdict a family stays as it was seen. */
export function withVerdicts(
  seen: UplinkStatus,
  verdictOf: (family: Family) => PathVerdict | undefined,
  probing: ProbingStatus | null,
): UplinkStatus {
  const ipv4 = measured(seen.ipv4, verdictOf("ipv4"));
  const ipv6 = measured(seen.ipv6, verdictOf("ipv6"));
  return { ...seen, ipv4, ipv6, ...overall(ipv4, ipv6), probing };
}

function measured(seen: FamilyStatus, verdict: PathVerdict | undefined): FamilyStatus {
  if (verdict === undefined) return seen;
  const { state, reason, figures } = verdict;
  return { ...seen, state, reason, figures };
}
