/** Sends router advertisements with an RDNSS option out of an interface, as a router on that link would. */

import { AF, type Native, SOCK } from "@ropewalk/host/linux/native";
import { ipAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";

const IPPROTO_ICMPV6 = 58;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const IPPROTO_IPV6 = 41;
const IPV6_MULTICAST_HOPS = 18;
const deadlineMillis = 5000;

/**
 * Returns once the kernel took the message for sending: the interface needs a link-local address, which it has about
 * a second and a half after it came up.
 */
export function announceDns(native: Native, from: string, servers: readonly string[], lifetimeSeconds: number): void {
  const fd = native.socket(AF.INET6, SOCK.RAW, IPPROTO_ICMPV6);
  try {
    // RFC 4861 §6.1.2: only a hop limit of 255 proves that the message comes from this link.
    native.setOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, Uint8Array.from([255, 0, 0, 0]));
    native.setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, new TextEncoder().encode(`${from}\0`));
    const advertisement = encodeAdvertisement(servers, lifetimeSeconds);
    const deadline = performance.now() + deadlineMillis;
    for (;;) {
      const sent = native.sendTo(fd, advertisement, allNodes());
      if (sent === advertisement.length) return;
      if (performance.now() > deadline)
        throw new Error(`no advertisement could be sent out of ${from} (errno ${-sent})`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  } finally {
    native.close(fd);
  }
}

/** RFC 4861 §4.2 with a router lifetime of zero (no default route), then RFC 8106 §5.1. */
function encodeAdvertisement(servers: readonly string[], lifetimeSeconds: number): Uint8Array {
  const header = [134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const option = [25, 1 + 2 * servers.length, 0, 0, 0, 0, 0, 0];
  const bytes = Uint8Array.from([
    ...header,
    ...option,
    ...servers.flatMap((server) => [...ipAddressBytes(ipAddress(server))]),
  ]);
  new DataView(bytes.buffer).setUint32(header.length + 4, lifetimeSeconds);
  return bytes;
}

/** struct sockaddr_in6 of ff02::1. */
function allNodes(): Uint8Array {
  const address = new Uint8Array(28);
  new Uint16Array(address.buffer)[0] = AF.INET6;
  address.set(ipAddressBytes(ipAddress("ff02::1")), 8);
  return address;
}
