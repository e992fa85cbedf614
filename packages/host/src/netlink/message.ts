/**
 * Netlink framing: what one read from the socket holds. Source: linux/netlink.h.
 *
 *      0       2       4        6
 *   0 |  length of all |  type  | flags |
 *   8 |    sequence    |    port id     |
 *  16 |  payload, padded to four octets …
 */
import { readU16, readU32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";

export const NLMSG = { ERROR: 2, DONE: 3 } as const;

export const NLM_F = {
  REQUEST: 0x01,
  ACK: 0x04,
  /** On a request that makes an object: what stands in its place gives way. On an event: it did. */
  REPLACE: 0x100,
  /** On a request that makes an object: it fails when something stands in its place. */
  EXCL: 0x200,
  CREATE: 0x400,
  DUMP_INTR: 0x10,
  DUMP: 0x300,
  /** On an answer to a request: NLMSG_ERROR carries the request's header only. */
  CAPPED: 0x100,
  /** On NLMSG_ERROR and NLMSG_DONE: attributes with the kernel's own words follow. */
  ACK_TLVS: 0x200,
} as const;

export const headerLength = 16;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly portId: number;
  /** A view into the bytes that were read: valid until the next read into the same buffer. */
  readonly payload: Uint8Array;
}

export interface Frames {
  readonly messages: readonly NetlinkMessage[];
  /** Set when what follows the last good message is none. */
  readonly fault: Malformed | undefined;
}

/** Splits what one read gave. Trailing padding shorter than a header is no fault. */
export function splitMessages(bytes: Uint8Array): Frames {
  const messages: NetlinkMessage[] = [];
  let offset = 0;
  while (bytes.length - offset >= headerLength) {
    const length = readU32(bytes, offset) ?? 0;
    if (length < headerLength || length > bytes.length - offset) {
      return { messages, fault: malformed(`a message of ${length} octets where ${bytes.length - offset} are left`) };
    }
    messages.push({
      type: readU16(bytes, offset + 4) ?? 0,
      flags: readU16(bytes, offset + 6) ?? 0,
      sequence: readU32(bytes, offset + 8) ?? 0,
      portId: readU32(bytes, offset + 12) ?? 0,
      payload: bytes.subarray(offset + headerLength, offset + length),
    });
    offset += align4(length);
  }
  return { messages, fault: undefined };
}

export function align4(length: number): number {
  return (length + 3) & ~3;
}
