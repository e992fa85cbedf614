/**
 * The state that NetworkManager keeps of a device in /run/NetworkManager/devices/IFINDEX: a key file whose section
 * `[dhcp4]` holds the lease of its internal DHCP client. (The files internal-*.lease in /var/lib/NetworkManager hold
 * the address alone.) Source: NetworkManager 1.42 src/core/nm-config.c nm_config_device_state_write.
 */
import { parseIpAddress } from "@ropewalk/kernel/addresses";
import { endOfLease, type Lease } from "./lease.ts";
import { type LinkName, parseServers } from "./server-address.ts";

/** The IPv4 lease in the file; undefined when it has none, as for a static address. */
export function parseNetworkManagerDevice(text: string, link: LinkName): Lease | undefined {
  const options = dhcp4Options(text);
  const servers = options.get("domain_name_servers");
  const routers = options.get("routers");
  if (options.size === 0) return undefined;
  const lifetime = numberOf(options.get("dhcp_lease_time"));
  const expiry = numberOf(options.get("expiry"));
  const obtainedAt = expiry === undefined || lifetime === undefined ? undefined : (expiry - lifetime) * 1000;
  return {
    family: "ipv4",
    address: parseIpAddress(options.get("ip_address") ?? ""),
    servers: parseServers((servers ?? "").split(" "), link),
    routers: parseServers((routers ?? "").split(" "), link),
    obtainedAt,
    expiresAt: obtainedAt === undefined ? undefined : endOfLease(obtainedAt, lifetime),
    // Option 43 is not among what NetworkManager writes here; over D-Bus it tells its conclusion.
    isAndroidMetered: false,
  };
}

function dhcp4Options(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  let section = "";
  for (const line of text.split("\n")) {
    section = /^\[([^\]]*)\]/.exec(line)?.[1] ?? section;
    const option = section === "dhcp4" ? /^dhcp4\.([a-z0-9_]+)=(.*)$/.exec(line) : null;
    if (option !== null) options.set(option[1] ?? "", (option[2] ?? "").trim());
  }
  return options;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
