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

/** Abstract Unix socket that one process with backhaul holds in each network namespace. */
export const backhaulLockName = "ropewalk/backhaul";
