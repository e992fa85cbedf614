/** Whether this host hands on packets of others, from /proc/sys of the network namespace that this process is in. */
import { readFileSync } from "node:fs";

/** IPv4 is switched for all interfaces at once, IPv6 by "all" too, which is what its forwarding needs. Source: ip-sysctl.rst. */
const switches: readonly string[] = ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"];

/** In either family. */
export function isForwarding(): boolean {
  return switches.some((file) => {
    try {
      return readFileSync(file, "latin1").trim() !== "0";
    } catch {
      // A kernel without the family forwards nothing of it.
      return false;
    }
  });
}
