/** The plan of the networks that the tests of sockets use: two uplinks, a server and an address that never answers. */

import { uplinkMark } from "@ropewalk/host/allocations";
import { type Family, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";

export interface TestUplink {
  readonly slot: number;
  readonly name: string;
  readonly ifindex: number;
  readonly addresses: Readonly<Record<Family, IpAddress>>;
  readonly gateways: Readonly<Record<Family, IpAddress>>;
}

export const server: Readonly<Record<Family, IpAddress>> = {
  ipv4: ipAddress("198.51.100.1"),
  ipv6: ipAddress("2001:db8:100::1"),
};
export const silent: Readonly<Record<Family, IpAddress>> = {
  ipv4: ipAddress("198.51.100.2"),
  ipv6: ipAddress("2001:db8:100::2"),
};

export const uplinks: readonly [TestUplink, TestUplink] = [uplink(1), uplink(2)];

export function binding(uplink: TestUplink, family: Family): PathBinding {
  return {
    uplinkId: uplink.name as UplinkId,
    name: uplink.name,
    ifindex: uplink.ifindex,
    family,
    source: uplink.addresses[family],
    gateway: uplink.gateways[family],
    mark: uplinkMark(uplink.slot),
    mtu: bytes(1500),
    metered: null,
    state: "unknown",
    score: null,
  };
}

function uplink(slot: number): TestUplink {
  return {
    slot,
    name: `w${slot}`,
    ifindex: 10 + slot,
    addresses: { ipv4: ipAddress(`10.1.${slot}.2`), ipv6: ipAddress(`2001:db8:${slot}::2`) },
    gateways: { ipv4: ipAddress(`10.1.${slot}.1`), ipv6: ipAddress(`2001:db8:${slot}::1`) },
  };
}
