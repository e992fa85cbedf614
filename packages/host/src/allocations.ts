/**
 * Every number that Ropewalk takes from a space it shares with other programs of the machine, in one place,
 * so that two parts of the product never take the same and an operator can see what is ours.
 */
import { InternalError } from "@ropewalk/kernel/errors";

/**
 * Firewall marks: bits 8–15 hold the uplink's slot and the low byte stays zero. Tailscale masks bits 16–23, and
 * wg-quick's 51820 (0xca6c) has a low byte that ours never has, so neither can be mistaken for an uplink.
 */
export const uplinkMarkMask = 0x0000_ff00;

/** The mark of sockets on the uplink in `slot` (1…255). */
export function uplinkMark(slot: number): number {
  if (!Number.isInteger(slot) || slot < 1 || slot > 255) throw new InternalError(`uplink slot ${slot} is not in 1…255`);
  return slot << 8;
}

/**
 * On every route and rule of ours (RTPROT_*): assigned to nobody in linux/rtnetlink.h nor in iproute2's rt_protos, so that no
 * other program takes them for its own.
 */
export const routingProtocol = 201;

/**
 * Tables of routes: one for each uplink, counted from the first, and one for ordinary traffic, counted from the last. One that
 * holds somebody's routes is passed over.
 */
export const routingTables: { readonly first: number; readonly last: number } = { first: 100, last: 200 };

/**
 * Priorities of rules. Below 1,000 is left to others. What bears an uplink's mark is our own and goes before every VPN's rules
 * (Tailscale's begin at 5210). What has an uplink's source goes behind those. Ordinary traffic goes last, just before the main
 * table (32766), whose default routes it passes over and whose other routes it does not: behind the rules of a wg-quick that was
 * there before (32764 and 32765; of two rules with one priority the older counts first). One that comes later puts its rules before ours.
 */
export const rulePriorities = {
  mark: 1_000,
  sourceSpecific: 10_000,
  source: 10_001,
  /** What asks an uplink's own resolvers, and has no source yet. */
  resolver: 20_000,
  ordinarySpecific: 32_763,
  ordinary: 32_765,
} as const;

/** Backhaul's table of nftables, of the family inet: the marks of forwarded flows. */
export const firewallTable = "ropewalk";

/** The table of an exit node, of the family inet: what its peers may reach, and their translation. */
export const vpnFirewallTable = "ropewalk-vpn";

/** Abstract Unix socket that one process with backhaul holds in each network namespace. */
export const backhaulLockName = "ropewalk/backhaul";
