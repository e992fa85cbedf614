/** The IPv4 addresses of the lab that the peers need to be told. */
import type { Lab } from "@ropewalk/lab/lab";
import { type Subnet, servers, transitSubnets, uplinkSubnets } from "@ropewalk/lab/topology";

/** Edge's own on the uplink. */
export function ipv4AddressOf(lab: Lab, uplink: string): string {
  return ipv4(uplinkSubnets(lab.uplink(uplink))).member;
}

export function ipv4GatewayOf(lab: Lab, uplink: string): string {
  return ipv4(uplinkSubnets(lab.uplink(uplink))).router;
}

/** Two of core's, so that two BFD sessions between the same hosts are told apart by their addresses. */
export function farEnds(lab: Lab, uplink: string): readonly [first: string, second: string] {
  return [ipv4(transitSubnets(lab.uplink(uplink).slot)).router, ipv4(servers[0]?.subnets ?? []).router];
}

function ipv4(subnets: readonly Subnet[]): Subnet {
  const found = subnets.find(({ family }) => family === "ipv4");
  if (found === undefined) throw new Error("that link of the lab has no IPv4");
  return found;
}
