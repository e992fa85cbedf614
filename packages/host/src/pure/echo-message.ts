/**
 * ICMP echo messages of both families, to and from bytes. Decoding is total: what is not a whole echo reply is undefined.
 *
 *    0               1               2               3
 *   | type          | code = 0      | checksum                      |   type: ICMPv4 8 request, 0 reply (RFC 792)
 *   | identifier                    | sequence number               |         ICMPv6 128 request, 129 reply (RFC 4443 §4)
 *   | data …
 */

import type { Family } from "@ropewalk/kernel/addresses";
import { ByteReader } from "@ropewalk/kernel/bytes";

export const echoReplyType: Readonly<Record<Family, number>> = { ipv4: 0, ipv6: 129 };
const echoRequestType: Readonly<Record<Family, number>> = { ipv4: 8, ipv6: 128 };
const headerLength = 8;

export interface EchoMessage {
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/**
 * An echo request. Its checksum is that of RFC 792 for IPv4 and zero for IPv6, where it covers addresses that only the
 * kernel knows: Linux fills it in for every ICMPv6 socket (RFC 3542 §3.1).
 */
export function encodeEchoRequest(family: Family, { identifier, sequence, payload }: EchoMessage): Uint8Array {
  const message = new Uint8Array(headerLength + payload.length);
  const view = new DataView(message.buffer);
  message[0] = echoRequestType[family];
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  message.set(payload, headerLength);
  if (family === "ipv4") view.setUint16(2, internetChecksum(message));
  return message;
}

/**
 * The echo reply in `message`, whose payload shares memory with it. The IPv4 checksum is proven here, because a raw
 * socket gets its copy before the kernel has looked; that of IPv6 the kernel has proven.
 */
export function decodeEchoReply(family: Family, message: Uint8Array): EchoMessage | undefined {
  const reader = new ByteReader(message, { littleEndian: false });
  const type = reader.u8();
  const code = reader.u8();
  reader.skip(2);
  const identifier = reader.u16();
  const sequence = reader.u16();
  if (type !== echoReplyType[family] || code !== 0 || identifier === undefined || sequence === undefined)
    return undefined;
  if (family === "ipv4" && internetChecksum(message) !== 0) return undefined;
  return { identifier, sequence, payload: message.subarray(headerLength) };
}

/**
 * What follows the IPv4 header, which a raw socket delivers too. Its length is the low half of the first octet, in
 * words of four octets (RFC 791 §3.1).
 */
export function stripIpv4Header(packet: Uint8Array): Uint8Array | undefined {
  const first = packet[0] ?? 0;
  const length = (first & 0x0f) * 4;
  if (first >> 4 !== 4 || length < 20 || packet.length < length) return undefined;
  return packet.subarray(length);
}

/** One's complement of the one's complement sum of all 16-bit words; zero over a message that carries a right one. Source: RFC 1071 §1. */
export function internetChecksum(message: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < message.length; index += 2)
    sum += ((message[index] ?? 0) << 8) | (message[index + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
