/** Which addresses a node's peers may have. */
import { type IpAddress, type Prefix, parseIpAddress, prefixContains } from "@ropewalk/kernel/addresses";

export interface Pools {
  readonly pools: readonly Prefix[];
  /** The node's own, of which no peer is given one. */
  readonly ownAddresses: readonly IpAddress[];
}

export function isInPools({ pools, ownAddresses }: Pools, text: string): boolean {
  const address = parseIpAddress(text);
  if (address === undefined || ownAddresses.includes(address)) return false;
  return pools.some((pool) => prefixContains(pool, address));
}
