/** How many peers the pools of a node have an address of each family for. */
import { familyOf, type Prefix, parseIpAddress, prefixContains } from "@ropewalk/kernel/addresses";

/** Without the first and the last address of each pool, and without the node's own. No pool: nobody. */
export function usableAddresses(pools: readonly Prefix[], own: readonly string[]): number {
  const sizes = pools.map((pool) => {
    const bits = (familyOf(pool.address) === "ipv4" ? 32 : 128) - pool.length;
    // More than a number holds exactly is more than any node's capacity.
    const between = 2 ** Math.min(bits, 50) - 2;
    const taken = own.filter((text) => {
      const address = parseIpAddress(text);
      return address !== undefined && prefixContains(pool, address);
    });
    return Math.max(0, between - taken.length);
  });
  return sizes.length === 0 ? 0 : Math.min(...sizes);
}
