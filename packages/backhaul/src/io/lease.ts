/** One DHCP lease as a client program wrote it down, whatever its file looks like. */
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";

/** Times are wall time in ms since 1970, UTC, because that is what lease files hold. */
export interface Lease {
  readonly family: Family;
  /** The IPv4 address that the lease gives; undefined for IPv6, which may give many, and when the file does not tell. */
  readonly address: IpAddress | undefined;
  readonly servers: readonly IpAddress[];
  readonly routers: readonly IpAddress[];
  /** As in LeaseFacts; only of a lease that Ropewalk got. */
  readonly wayOut?: { readonly gateway: IpAddress | undefined };
  /** When the server granted it; undefined when the file does not tell. */
  readonly obtainedAt: number | undefined;
  /** Undefined when it never ends, or the file does not tell. */
  readonly expiresAt: number | undefined;
  readonly isAndroidMetered: boolean;
}

/** RFC 2131 §3.3: this lifetime in seconds means for ever. */
export const infiniteLifetime = 0xffff_ffff;

/** When a lease of `lifetime` seconds that was granted at `obtainedAt` ends. */
export function endOfLease(obtainedAt: number, lifetime: number | undefined): number | undefined {
  return lifetime === undefined || lifetime >= infiniteLifetime ? undefined : obtainedAt + lifetime * 1000;
}
