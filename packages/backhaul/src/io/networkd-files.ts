/**
 * The state files of systemd-networkd: `KEY=value` lines, one file a link and one a DHCPv4 lease. networkd calls them
 * private; every key that is missing or unknown is therefore taken as silence, never as an error.
 * Sources: systemd v252 src/network/networkd-state-file.c link_save; src/libsystemd-network/sd-dhcp-lease.c
 * dhcp_lease_save.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { isAndroidMeteredHex } from "./android-metered.ts";
import { type LinkName, parseServers } from "./server-address.ts";

/** What /run/systemd/netif/links/IFINDEX says. */
export interface NetworkdLink {
  /** link_save writes NETWORK_FILE only for a link that a .network file matches. */
  readonly isManaged: boolean;
  readonly networkFile: string | undefined;
  /** Configured, from DHCPv4, from DHCPv6 and from router advertisements, in this order. */
  readonly servers: readonly IpAddress[];
}

/** What /run/systemd/netif/leases/IFINDEX says. */
export interface NetworkdLease {
  readonly routers: readonly IpAddress[];
  readonly isAndroidMetered: boolean;
}

export function parseNetworkdLink(text: string, link: LinkName): NetworkdLink {
  const values = parseAssignments(text);
  const networkFile = values.get("NETWORK_FILE");
  return {
    isManaged: networkFile !== undefined && values.get("ADMIN_STATE") !== "unmanaged",
    networkFile,
    servers: parseServers(words(values.get("DNS")), link),
  };
}

export function parseNetworkdLease(text: string, link: LinkName): NetworkdLease {
  const values = parseAssignments(text);
  return {
    routers: parseServers(words(values.get("ROUTER")), link),
    isAndroidMetered: isAndroidMeteredHex(values.get("VENDOR_SPECIFIC") ?? ""),
  };
}

/** The last value wins, as in systemd's parse_env_file. */
function parseAssignments(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0 && !line.startsWith("#")) values.set(line.slice(0, equals), line.slice(equals + 1).trim());
  }
  return values;
}

function words(value: string | undefined): readonly string[] {
  return (value ?? "").split(/\s+/).filter((word) => word !== "");
}
