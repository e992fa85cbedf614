/** IPv4 addresses and networks within IPv6 (::ffff:0:0/96) are the IPv4 ones: the kernel treats them so, and so does every rule here. */
import { familyOf, type IpAddress, ipAddressBytes, ipAddressFromBytes, networkOf, type Prefix } from "./addresses.ts";

/** RFC 4291 §2.5.5.2. */
const mappedStart = "::ffff:";
const mappedLength = 96;

/** `address` itself where it is not one. */
export function unmapped(address: IpAddress): IpAddress {
  return isMapped(address) ? (ipAddressFromBytes(ipAddressBytes(address).subarray(12)) ?? address) : address;
}

/** The network of `prefix`; it stays IPv6 where it is wider than all that is mapped. */
export function unmappedNetwork(prefix: Prefix): Prefix {
  const { address, length } = networkOf(prefix);
  if (!isMapped(address) || length < mappedLength) return { address, length };
  return { address: unmapped(address), length: length - mappedLength };
}

/** The canonical text has a dotted end for these alone. */
function isMapped(address: IpAddress): boolean {
  return familyOf(address) === "ipv6" && address.startsWith(mappedStart) && address.includes(".");
}
