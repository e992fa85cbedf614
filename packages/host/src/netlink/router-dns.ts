/**
 * RTM_NEWNDUSEROPT with a Recursive DNS Server option: the kernel hands on what a router advertisement said, once, and
 * keeps no copy. Source: struct nduseroptmsg of linux/rtnetlink.h; RFC 8106 §5.1.
 *
 *   option:  | type 25 | length in units of 8 | reserved 16 | lifetime in seconds 32, network order | addresses 128 …
 */
import { type IpAddress, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { readI32, readU16 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";

const AF_INET6 = 10;
const icmpv6RouterAdvertisement = 134;
const optionRdnss = 25;
const infinity = 0xffff_ffff;
const nduseroptLength = 16;

export interface RouterDnsAnnouncement {
  readonly ifindex: number;
  readonly servers: readonly IpAddress[];
  /** Zero withdraws; undefined is infinity. */
  readonly lifetime: Millis | undefined;
}

/** Undefined when the message holds no such option. The kernel sends a message for each option; the first counts. */
export function decodeRouterDns(payload: Uint8Array): RouterDnsAnnouncement | Malformed | undefined {
  const optionsLength = readU16(payload, 2);
  const ifindex = readI32(payload, 4);
  if (payload.length < nduseroptLength || optionsLength === undefined || ifindex === undefined || ifindex < 1) {
    return malformed("a message of ND options without its header");
  }
  if (payload[0] !== AF_INET6 || payload[8] !== icmpv6RouterAdvertisement) return undefined;
  if (optionsLength > payload.length - nduseroptLength) return malformed("ND options cut short");
  const options = payload.subarray(nduseroptLength, nduseroptLength + optionsLength);
  for (let offset = 0; offset + 2 <= options.length; ) {
    const length = (options[offset + 1] ?? 0) * 8;
    if (length === 0 || length > options.length - offset) return malformed("an ND option whose length does not fit");
    if (options[offset] === optionRdnss) return decodeOption(ifindex, options.subarray(offset, offset + length));
    offset += length;
  }
  return undefined;
}

function decodeOption(ifindex: number, option: Uint8Array): RouterDnsAnnouncement | Malformed {
  const count = Math.floor((option.length - 8) / 16);
  if (count < 1) return malformed("an RDNSS option without a server");
  const lifetime = new DataView(option.buffer, option.byteOffset).getUint32(4);
  const servers = Array.from({ length: count }, (_, index) => {
    const offset = 8 + index * 16;
    return ipAddressFromBytes(option.subarray(offset, offset + 16));
  });
  return {
    ifindex,
    servers: servers.filter((server) => server !== undefined),
    lifetime: lifetime === infinity ? undefined : seconds(lifetime),
  };
}
