/** Names and values of the socket options that this package sets; the same on every architecture that Node supports. */
import { isLittleEndian } from "./native.ts";

/** Source: asm-generic/socket.h. */
export const SOL_SOCKET = 1;
export const SO = {
  REUSEADDR: 2,
  ERROR: 4,
  LINGER: 13,
  BINDTODEVICE: 25,
  RCVBUFFORCE: 33,
  MARK: 36,
  BINDTOIFINDEX: 62,
} as const;
/** IPPROTO_IP of linux/in.h. */
export const SOL_IP = 0;
/** IPPROTO_IPV6 of linux/in6.h. */
export const SOL_IPV6 = 41;
/** Source: linux/in.h, linux/in6.h. */
export const IP = { MTU_DISCOVER: 10 } as const;
export const IPV6 = { MTU_DISCOVER: 23, V6ONLY: 26 } as const;
/** IP_PMTUDISC_DO and IPV6_PMTUDISC_DO. */
export const PMTUDISC_DO = 2;
/** Of linux/in.h: the port is chosen at connect, so that destinations may share ports. It holds for IPv6 too. */
export const IP_BIND_ADDRESS_NO_PORT = 24;
/** IPPROTO_TCP. Source: linux/in.h, linux/tcp.h. */
export const SOL_TCP = 6;
export const TCP = { NODELAY: 1, INFO: 11, NOTSENT_LOWAT: 25 } as const;
/** Level of the options of raw IPv4 sockets. Source: linux/socket.h. */
export const SOL_RAW = 255;

/** An int, as nearly every option takes it. */
export function encodeInt(value: number): Uint8Array {
  const encoded = new Uint8Array(4);
  new DataView(encoded.buffer).setInt32(0, value, isLittleEndian);
  return encoded;
}
