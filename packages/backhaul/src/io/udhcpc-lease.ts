/**
 * A lease that Ropewalk itself got. It is told as one without an end: the kernel takes its address away when it ends, by a clock
 * that nobody sets, and without the address it is not in force.
 */
import { parseLease } from "@ropewalk/host/lease-text";
import { isAndroidMeteredHex } from "./android-metered.ts";
import type { Lease } from "./lease.ts";

export function parseUdhcpcLease(text: string): Lease | undefined {
  const lease = parseLease(text);
  if (lease === undefined) return undefined;
  const { address, resolvers, wayOut, vendor } = lease;
  return {
    family: "ipv4",
    address: address.address,
    servers: resolvers,
    routers: wayOut?.gateway === undefined ? [] : [wayOut.gateway],
    ...(wayOut === undefined ? {} : { wayOut }),
    obtainedAt: undefined,
    expiresAt: undefined,
    isAndroidMetered: isAndroidMeteredHex(vendor),
  };
}
