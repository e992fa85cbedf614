/**
 * UDP over IPv4 as one packet, for who speaks through a tunnel without an interface of the kernel. Sources: RFC 791 §3.1, RFC 768. The
 * checksum of UDP is left out, as IPv4 allows.
 */
import { type IpAddress, ipAddressBytes, ipAddressFromBytes } from "@ropewalk/kernel/addresses";

export interface UdpPacket {
  readonly source: UdpEnd;
  readonly destination: UdpEnd;
  readonly payload: Uint8Array;
}

export interface UdpEnd {
  /** IPv4. */
  readonly address: IpAddress;
  readonly port: number;
}

const [ipHeader, udpHeader, udp] = [20, 8, 17];

export function encodeUdpPacket({ source, destination, payload }: UdpPacket): Uint8Array {
  const packet = Buffer.alloc(ipHeader + udpHeader + payload.length);
  packet.writeUInt8(0x45, 0);
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt8(64, 8);
  packet.writeUInt8(udp, 9);
  packet.set(ipAddressBytes(source.address), 12);
  packet.set(ipAddressBytes(destination.address), 16);
  packet.writeUInt16BE(checksum(packet.subarray(0, ipHeader)), 10);
  packet.writeUInt16BE(source.port, 20);
  packet.writeUInt16BE(destination.port, 22);
  packet.writeUInt16BE(udpHeader + payload.length, 24);
  packet.set(payload, ipHeader + udpHeader);
  return packet;
}

/** Undefined for all that is no such packet; what pads it is cut off. */
export function decodeUdpPacket(octets: Uint8Array): UdpPacket | undefined {
  const packet = Buffer.from(octets);
  if (packet.length < ipHeader + udpHeader || packet[0] !== 0x45 || packet[9] !== udp) return undefined;
  const length = packet.readUInt16BE(24);
  if (length < udpHeader || ipHeader + length > packet.length) return undefined;
  const [from, to] = [ipAddressFromBytes(packet.subarray(12, 16)), ipAddressFromBytes(packet.subarray(16, 20))];
  if (from === undefined || to === undefined) return undefined;
  return {
    source: { address: from, port: packet.readUInt16BE(20) },
    destination: { address: to, port: packet.readUInt16BE(22) },
    payload: packet.subarray(ipHeader + udpHeader, ipHeader + length),
  };
}

/** RFC 1071. */
function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
