/**
 * Whether a link is an uplink, told from topology: a link that owns a way out, is nobody's member and carries no tunnel.
 * Once an uplink it stays one until its interface is gone, so that a lost route is an uplink that is down, not nothing.
 */
import type { LinkFacts } from "@ropewalk/host/facts";

/** What the operator wrote for the link, if anything. */
export type ConfiguredRole = "auto" | "include" | "exclude";

export type Role = { readonly kind: "uplink" } | { readonly kind: "other"; readonly because: string };

export interface RoleEvidence {
  readonly configured: ConfiguredRole;
  readonly hasDefaultRoute: boolean;
  /** A lease names a router on this link, whether or not a route uses it. */
  readonly hasLeaseGateway: boolean;
  readonly wasUplink: boolean;
}

/** ARPHRD_LOOPBACK of linux/if_arp.h. */
const loopback = 772;

/**
 * Link kinds that carry their packets inside packets of another link: they need an uplink and are none.
 * Source: rtnl_link_ops.kind of drivers/net and net/{ipv4,ipv6,xfrm,l2tp}.
 */
const tunnelKinds: ReadonlySet<string> = new Set([
  ...["tun", "wireguard", "amneziawg", "ovpn", "ovpn-dco", "xfrm", "vti", "vti6"],
  ...["ipip", "sit", "ip6tnl", "gre", "gretap", "ip6gre", "ip6gretap", "erspan", "ip6erspan"],
  ...["vxlan", "geneve", "bareudp", "gtp", "l2tpeth"],
]);

/** Tunnel devices without IFLA_INFO_KIND, made by ioctl: ARPHRD_TUNNEL, TUNNEL6, SIT, IPGRE, IP6GRE of linux/if_arp.h. */
const tunnelHardware: ReadonlySet<number> = new Set([768, 769, 776, 778, 823]);

/** The operator's word first, then what rules a link out, then what makes it an uplink. */
export function roleOf(link: LinkFacts, evidence: RoleEvidence): Role {
  if (link.hardwareType === loopback) return { kind: "other", because: "it is a loopback" };
  if (evidence.configured === "exclude") return { kind: "other", because: "the configuration excludes it" };
  if (evidence.configured === "include") return { kind: "uplink" };
  if (link.master !== undefined) return { kind: "other", because: "it is a member of another interface" };
  if (isTunnel(link)) return { kind: "other", because: "it is a tunnel" };
  const isUplink = evidence.hasDefaultRoute || evidence.hasLeaseGateway || evidence.wasUplink;
  return isUplink ? { kind: "uplink" } : { kind: "other", because: "no default route leaves by it" };
}

export function isTunnelOrLoopback(link: LinkFacts): boolean {
  return link.hardwareType === loopback || isTunnel(link);
}

function isTunnel(link: LinkFacts): boolean {
  return tunnelHardware.has(link.hardwareType) || (link.virtualKind !== undefined && tunnelKinds.has(link.virtualKind));
}
