/** Which uplink an address belongs to: edge's own on it, which is also what the far end sees of the LAN. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Lab } from "../lab.ts";
import { publicAddress, servers } from "../pure/topology.ts";

/** Null when no uplink has it. */
export function uplinkWith(lab: Lab, address: IpAddress | undefined): string | null {
  return lab.uplinks.find((uplink) => publicAddress(uplink) === address)?.name ?? null;
}

/** IPv4. */
export function addressOf(server: string): IpAddress {
  const subnet = servers.find(({ name }) => name === server)?.subnets.find(({ family }) => family === "ipv4");
  if (subnet === undefined) throw new RangeError(`the lab has no server ${server}`);
  return subnet.member;
}
