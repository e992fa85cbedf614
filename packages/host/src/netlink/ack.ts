/**
 * The kernel's verdict on a request: NLMSG_ERROR (zero is success) and the NLMSG_DONE that ends a dump, with the
 * kernel's own words where the socket asked for them (NETLINK_EXT_ACK). Source: linux/netlink.h, struct nlmsgerr.
 */
import { attributeText, attributeU32, readAttributes } from "./attributes.ts";
import { readI32, readU32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";
import { align4, headerLength, type NetlinkMessage, NLM_F, NLMSG } from "./message.ts";

const NLMSGERR_ATTR = { MSG: 1, OFFS: 2 } as const;

export interface Ack {
  /** Zero for success, else the positive errno. */
  readonly errno: number;
  /** What the kernel said about it, when it did. */
  readonly text: string | undefined;
  /** Where in the request the fault lies, when the kernel says. */
  readonly offset: number | undefined;
}

/** The verdict in a message of type NLMSG_ERROR or NLMSG_DONE. */
export function decodeAck(message: NetlinkMessage): Ack | Malformed {
  const { payload, flags } = message;
  const error = readI32(payload, 0);
  // Kernels before 2.6.35 end a dump without a number, which is success.
  if (error === undefined && message.type === NLMSG.DONE) return { errno: 0, text: undefined, offset: undefined };
  if (error === undefined || error > 0) return malformed("an answer without a verdict");
  const start = 4 + (message.type === NLMSG.ERROR ? requestLength(payload, flags) : 0);
  const attributes = (flags & NLM_F.ACK_TLVS) === 0 ? undefined : readAttributes(payload.subarray(start));
  return {
    errno: error === 0 ? 0 : -error,
    text: attributes && attributeText(attributes, NLMSGERR_ATTR.MSG),
    offset: attributes && attributeU32(attributes, NLMSGERR_ATTR.OFFS),
  };
}

/** How much of the request comes back between the number and the attributes. */
function requestLength(payload: Uint8Array, flags: number): number {
  if ((flags & NLM_F.CAPPED) !== 0) return headerLength;
  return align4(readU32(payload, 4) ?? headerLength);
}
