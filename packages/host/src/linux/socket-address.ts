/**
 * Internet socket addresses (struct sockaddr_in, sockaddr_in6 of linux/in.h and linux/in6.h) to and from bytes.
 *
 *   sockaddr_in   family u16 (machine order) | port u16 (network order) | address 4 | zero 8
 *   sockaddr_in6  family u16 (machine order) | port u16 (network order) | flow u32 | address 16 | scope u32 (machine order)
 */
import { familyOf, type IpAddress, ipAddressBytes, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { HostError } from "../errors.ts";
import { AF, isLittleEndian, type Native } from "./native.ts";

export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** The longest of the two. */
export const socketAddressLength = 28;

/** The scope stays zero: the sockets of this package are bound to a device, which settles the zone of link-local addresses. */
export function encodeSocketAddress({ address, port }: Endpoint): Uint8Array {
  const isIpv4 = familyOf(address) === "ipv4";
  const encoded = new Uint8Array(isIpv4 ? 16 : socketAddressLength);
  const view = new DataView(encoded.buffer);
  view.setUint16(0, isIpv4 ? AF.INET : AF.INET6, isLittleEndian);
  view.setUint16(2, port);
  encoded.set(ipAddressBytes(address), isIpv4 ? 4 : 8);
  return encoded;
}

/** Undefined for another family and for what is cut short. Octets past the address are ignored. */
export function decodeSocketAddress(encoded: Uint8Array): Endpoint | undefined {
  if (encoded.length < 8) return undefined;
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const octets = addressOctets(view.getUint16(0, isLittleEndian), encoded);
  const address = octets === undefined ? undefined : ipAddressFromBytes(octets);
  return address === undefined ? undefined : { address, port: view.getUint16(2) };
}

function addressOctets(family: number, encoded: Uint8Array): Uint8Array | undefined {
  if (family === AF.INET) return encoded.subarray(4, 8);
  return family === AF.INET6 ? encoded.subarray(8, 24) : undefined;
}

/** The port that the kernel gave `fd`, or the identifier when it is a ping socket. Throws HOST_SOCKET. */
export function localPort(native: Native, fd: number): number {
  const address = native.localAddress(fd);
  const endpoint = typeof address === "number" ? undefined : decodeSocketAddress(address);
  if (endpoint === undefined) throw new HostError("HOST_SOCKET", "the kernel does not tell the port of a bound socket");
  return endpoint.port;
}
