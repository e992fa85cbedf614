/**
 * Name servers that answer from everywhere: a DHCP server that names one of them gives nothing that is its own, and who binds it
 * to one uplink takes it from everybody who asks it by another.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";

/** Each operator's own page of its addresses, as of 2026. */
const addresses: ReadonlySet<string> = new Set([
  ...["1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"], // Cloudflare
  ...["8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"], // Google
  ...["9.9.9.9", "149.112.112.112", "2620:fe::fe", "2620:fe::9"], // Quad9
  ...["208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53"], // OpenDNS
  ...["94.140.14.14", "94.140.15.15", "2a10:50c0::ad1:ff", "2a10:50c0::ad2:ff"], // AdGuard
]);

export function isPublicResolver(address: IpAddress): boolean {
  return addresses.has(address);
}
