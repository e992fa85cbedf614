/**
 * The DNS servers of one uplink and whether it is metered: of several programs that speak, the one that manages the
 * uplink wins, and the operator's word stands above all. Nothing is guessed; when nobody speaks, that is what is told.
 */
import type { AddressFacts, RouterDnsFacts } from "@ropewalk/host/facts";
import { type IpAddress, isLoopback } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { MeteredStatus, ResolverStatus } from "../status.ts";
import type { UplinkSettings } from "./entries.ts";
import type { LeaseFacts, ResolverFacts } from "./resolver-facts.ts";

export interface ResolverEvidence {
  readonly settings: UplinkSettings;
  /** Undefined until the sources were read for this uplink. */
  readonly facts: ResolverFacts | undefined;
  /** Of this uplink. */
  readonly addresses: readonly AddressFacts[];
  readonly routerDns: readonly RouterDnsFacts[];
  readonly ifindex: number;
  readonly isOnlyUplink: boolean;
  readonly now: Millis;
}

/** config → NetworkManager → networkd → lease files → router advertisements → resolv.conf → none. */
export function chooseResolvers(evidence: ResolverEvidence): ResolverStatus {
  const { settings, facts, addresses } = evidence;
  if (settings.resolvers !== undefined) {
    return { servers: settings.resolvers, source: "config", detail: "resolvers of its [[backhaul.uplink]] entry" };
  }
  return (
    (facts === undefined ? undefined : fromManagers(facts, addresses)) ??
    fromRouters(evidence) ??
    (facts === undefined ? undefined : fromResolvConf(facts, evidence.isOnlyUplink)) ??
    none(evidence)
  );
}

function fromManagers(
  { networkManager, networkd, lease }: ResolverFacts,
  addresses: readonly AddressFacts[],
): ResolverStatus | undefined {
  if (networkManager.kind === "managed" && networkManager.servers.length > 0) {
    return { servers: networkManager.servers, source: "networkmanager", detail: "told by NetworkManager over D-Bus" };
  }
  if (networkd.kind === "managed" && networkd.servers.length > 0) {
    return { servers: networkd.servers, source: "networkd", detail: networkd.file };
  }
  if (isInForce(lease, addresses) && lease.servers.length > 0) {
    return { servers: lease.servers, source: "lease", detail: `${lease.program}: ${lease.file}` };
  }
  return undefined;
}

function fromRouters({ routerDns, ifindex, now }: ResolverEvidence): ResolverStatus | undefined {
  const servers = routerDns
    .filter((dns) => dns.ifindex === ifindex && (dns.expiresAt === undefined || dns.expiresAt > now))
    .flatMap((dns) => dns.servers);
  if (servers.length === 0) return undefined;
  return { servers: unique(servers), source: "router-advertisement", detail: "router advertisement (RFC 8106)" };
}

/** resolv.conf speaks of the whole machine: its servers belong to an uplink only when there is no other. */
function fromResolvConf({ resolvConf }: ResolverFacts, isOnlyUplink: boolean): ResolverStatus | undefined {
  if (resolvConf.kind !== "present" || resolvConf.isLoopback || !isOnlyUplink) return undefined;
  const servers = resolvConf.servers.filter((server) => !isLoopback(server));
  return servers.length === 0
    ? undefined
    : { servers, source: "resolv.conf", detail: `${resolvConf.file}, for its only uplink` };
}

/** A lease that has not run out and whose address the interface holds: with another address it is of a network left since. */
export function isInForce(
  lease: LeaseFacts,
  addresses: readonly AddressFacts[],
): lease is Extract<LeaseFacts, { readonly kind: "lease" }> {
  if (lease.kind !== "lease") return false;
  return lease.address === undefined || addresses.some(({ address }) => address === lease.address);
}

function none({ facts, isOnlyUplink }: ResolverEvidence): ResolverStatus {
  const detail = facts === undefined ? "not looked up yet" : whyNone(facts, isOnlyUplink);
  return { servers: [], source: null, detail };
}

function whyNone({ networkManager, networkd, lease, resolvConf }: ResolverFacts, isOnlyUplink: boolean): string {
  if (networkManager.kind === "pending") return "NetworkManager has not answered yet";
  if (networkd.kind === "unreadable") return `${networkd.file} cannot be read: ${networkd.reason}`;
  if (lease.kind === "expired") return `the lease in ${lease.file} has expired`;
  if (lease.kind === "none" && lease.unreadable.length > 0) return `cannot be read: ${lease.unreadable.join("; ")}`;
  if (lease.kind === "lease" && lease.servers.length > 0) {
    return `the lease in ${lease.file} is for ${lease.address}, an address that the uplink does not hold`;
  }
  const unsaid = "no network manager, lease or router names one";
  switch (resolvConf.kind) {
    case "absent":
      return `${unsaid}, and there is no resolv.conf`;
    case "ours":
      return `${unsaid}, and ${resolvConf.file} is what Ropewalk wrote`;
    case "unreadable":
      return `${unsaid}, and ${resolvConf.file} cannot be read: ${resolvConf.reason}`;
    case "present":
      if (resolvConf.isLoopback) return `${unsaid}, and ${resolvConf.file} names a program of this machine`;
      if (!isOnlyUplink) return `${unsaid}, and ${resolvConf.file} does not say to which of several uplinks it belongs`;
      return `${unsaid}, and ${resolvConf.file} has none either`;
  }
}

/** config → NetworkManager → an Android phone's mark in the lease that networkd or a DHCP client holds → nobody says. */
export function chooseMetered(
  settings: UplinkSettings,
  facts: ResolverFacts | undefined,
  addresses: readonly AddressFacts[],
): MeteredStatus {
  if (settings.metered !== undefined) return { value: settings.metered, source: "config" };
  if (facts === undefined) return { value: null, source: null };
  const { networkManager, networkd, lease } = facts;
  if (networkManager.kind === "managed" && networkManager.metered !== undefined) {
    return { value: networkManager.metered, source: "networkmanager" };
  }
  if (networkd.kind === "managed" && networkd.isAndroidMetered) return { value: true, source: "networkd" };
  if (isInForce(lease, addresses) && lease.isAndroidMetered) return { value: true, source: "lease" };
  return { value: null, source: null };
}

/** True when a lease names a router on the uplink's network. */
export function hasLeaseGateway(facts: ResolverFacts | undefined, addresses: readonly AddressFacts[]): boolean {
  if (facts === undefined) return false;
  const { networkd, lease } = facts;
  return (
    (networkd.kind === "managed" && networkd.routers.length > 0) ||
    (isInForce(lease, addresses) && (lease.routers.length > 0 || lease.wayOut !== undefined))
  );
}

function unique(servers: readonly IpAddress[]): readonly IpAddress[] {
  return [...new Set(servers)];
}
