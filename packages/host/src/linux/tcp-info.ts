/** What the kernel tells of a TCP connection: struct tcp_info of linux/tcp.h, of which older kernels give a shorter beginning. */
import type { TcpInfo } from "../tcp.ts";
import { isLittleEndian } from "./native.ts";

/** Up to tcpi_delivery_rate, which is there since Linux 4.9. */
const shortest = 168;

export function decodeTcpInfo(option: DataView): TcpInfo | undefined {
  if (option.byteLength < shortest) return undefined;
  const u32 = (offset: number) => option.getUint32(offset, isLittleEndian);
  const bitFields = option.getUint8(7);
  return {
    segmentBytes: u32(16),
    rttMicroseconds: u32(68),
    rttVarianceMicroseconds: u32(72),
    congestionWindowSegments: u32(80),
    retransmits: u32(100),
    minRttMicroseconds: u32(148),
    deliveryBytesPerSecond: Number(option.getBigUint64(160, isLittleEndian)),
    isDeliveryLimitedBySender: (isLittleEndian ? bitFields & 1 : bitFields >> 7) === 1,
  };
}
