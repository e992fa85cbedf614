/** The interfaces of local networks: up, with addresses, and with neighbours (loopback and point-to-point links have none). */
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { type IpAddress, isLinkLocal, type Prefix, parseIpAddress, parsePrefix } from "@ropewalk/kernel/addresses";

export interface LanInterface {
  readonly name: string;
  /** Empty where it has no IPv4. */
  readonly ipv4: readonly Prefix[];
  /** Undefined where it has no IPv6. */
  readonly ipv6: IpAddress | undefined;
}

/** As they are now. */
export function lanInterfaces(): readonly LanInterface[] {
  return Object.entries(networkInterfaces())
    .filter(([, infos]) => infos?.some(hasNeighbours) === true)
    .map(([name, infos = []]) => ({ name, ipv4: infos.flatMap(ipv4Of), ipv6: infos.flatMap(linkLocalOf)[0] }));
}

/** Tunnels, modems and other point-to-point links have no address of their link layer (RTM_NEWLINK's IFLA_ADDRESS). */
function hasNeighbours({ internal, mac }: NetworkInterfaceInfo): boolean {
  return !internal && mac !== "00:00:00:00:00:00";
}

function ipv4Of({ family, cidr }: NetworkInterfaceInfo): readonly Prefix[] {
  const prefix = family === "IPv4" && cidr !== null ? parsePrefix(cidr) : undefined;
  return prefix === undefined ? [] : [prefix];
}

function linkLocalOf({ family, address }: NetworkInterfaceInfo): readonly IpAddress[] {
  const parsed = family === "IPv6" ? parseIpAddress(address) : undefined;
  return parsed !== undefined && isLinkLocal(parsed) ? [parsed] : [];
}
