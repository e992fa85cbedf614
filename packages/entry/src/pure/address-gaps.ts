/** The lowest free addresses of a pool, from the gaps between those that are not free. */
import { type IpAddress, ipAddressBytes, ipAddressFromBytes } from "@ropewalk/kernel/addresses";

/** What lies between two addresses of one family that are taken, or nobody's to have. */
export interface AddressGap {
  readonly after: IpAddress;
  readonly before: IpAddress;
}

/** Without the node's own: as many as there are, and no more than `count`. The gaps are in the order of their addresses. */
export function lowestFree(
  gaps: readonly AddressGap[],
  own: readonly IpAddress[],
  count: number,
): readonly IpAddress[] {
  const free: IpAddress[] = [];
  const kept = new Set(own);
  for (const { after, before } of gaps) {
    const length = ipAddressBytes(after).length;
    const end = numberOf(before);
    for (let next = numberOf(after) + 1n; next < end && free.length < count; next += 1n) {
      const address = addressOf(next, length);
      if (!kept.has(address)) free.push(address);
    }
  }
  return free;
}

function numberOf(address: IpAddress): bigint {
  return ipAddressBytes(address).reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function addressOf(number: bigint, length: number): IpAddress {
  const octets = new Uint8Array(length);
  for (let index = length - 1, left = number; index >= 0; index -= 1, left >>= 8n) octets[index] = Number(left & 255n);
  return ipAddressFromBytes(octets) as IpAddress;
}
