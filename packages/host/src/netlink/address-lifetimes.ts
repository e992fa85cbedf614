/**
 * RTM_NEWADDR as it changes the preferred lifetime of an IPv6 address and nothing else: what the kernel told of the address is
 * said again, because whatever is left out it would reset (inet6_addr_modify in net/ipv6/addrconf.c).
 *
 *   struct ifa_cacheinfo, all in seconds but the stamps, all ones for ever:  u32 preferred, valid, cstamp, tstamp
 */
import { type IpAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import type { AddressFlag, Lifetime, LivingAddress, OwnAddress } from "../address-lifetimes.ts";
import { attributeAddress, attributeU32, readAttributes } from "./attributes.ts";
import { RTM } from "./event.ts";
import { readU32, writeU32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";
import { NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest, encodeU32Attribute } from "./request.ts";

const AF_INET6 = 10;
const IFA = { ADDRESS: 1, LOCAL: 2, CACHEINFO: 6, FLAGS: 8, RT_PRIORITY: 9, PROTO: 11 } as const;
const IFA_F = { NODAD: 0x02, HOMEADDRESS: 0x10, MANAGETEMPADDR: 0x100, NOPREFIXROUTE: 0x200 } as const;
const flagWords: readonly (readonly [bit: number, word: AddressFlag])[] = [
  [IFA_F.NODAD, "nodad"],
  [IFA_F.HOMEADDRESS, "home"],
  [IFA_F.MANAGETEMPADDR, "mngtmpaddr"],
  [IFA_F.NOPREFIXROUTE, "noprefixroute"],
];
/** The kernel takes these from the request; all others it keeps. */
const settableFlags = flagWords.reduce((all, [bit]) => all | bit, 0);
const ifaddrLength = 8;
const cacheInfoLength = 16;
const infinity = 0xffff_ffff;

/** An address with all that must be said of it again. */
export interface HeldAddress {
  readonly living: LivingAddress;
  readonly prefixLength: number;
  /** The far end of a point-to-point address, else the address itself. */
  readonly peer: IpAddress;
  readonly scope: number;
  readonly flags: number;
  /** Attributes by their type, as they were told. */
  readonly repeated: readonly (readonly [type: number, value: Uint8Array])[];
}

/** Asks for one address; the kernel answers with it, then with a verdict. */
export function encodeAddressQuestion({ ifindex, address }: OwnAddress, sequence: number): Uint8Array {
  const attribute = encodeAttribute(IFA.ADDRESS, ipAddressBytes(address));
  return encodeRequest(RTM.GETADDR, NLM_F.ACK, sequence, header(ifindex), [attribute]);
}

/** What is answered. Its octets are copies. */
export function decodeHeldAddress(payload: Uint8Array): HeldAddress | Malformed {
  const [, prefixLength, shortFlags, scope] = payload;
  const ifindex = readU32(payload, 4);
  const attributes = readAttributes(payload.subarray(ifaddrLength));
  if (ifindex === undefined || prefixLength === undefined || scope === undefined || attributes === undefined) {
    return malformed("an address message cut short");
  }
  // IFA_ADDRESS is the far end where IFA_LOCAL is there too.
  const peer = attributeAddress(attributes, IFA.ADDRESS);
  const address = attributeAddress(attributes, IFA.LOCAL) ?? peer;
  const lifetimes = attributes.get(IFA.CACHEINFO) ?? new Uint8Array();
  const [preferred, valid] = [readU32(lifetimes, 0), readU32(lifetimes, 4)];
  if (address === undefined || preferred === undefined || valid === undefined) {
    return malformed("an address message without an address or its lifetimes");
  }
  return {
    living: { ifindex, address, preferred: lifetimeOf(preferred), valid: lifetimeOf(valid) },
    prefixLength,
    peer: peer ?? address,
    scope,
    flags: attributeU32(attributes, IFA.FLAGS) ?? shortFlags ?? 0,
    repeated: [IFA.ADDRESS, IFA.LOCAL, IFA.RT_PRIORITY, IFA.PROTO].flatMap((type) => {
      const value = attributes.get(type);
      return value === undefined ? [] : [[type, value.slice()] as const];
    }),
  };
}

export function settableFlagsOf({ flags }: HeldAddress): readonly AddressFlag[] {
  return flagWords.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
}

/** The kernel makes the route of this address's prefix when it changes the address (had_prefixroute in addrconf.c). */
export function makesPrefixRoute({ flags }: HeldAddress): boolean {
  return (flags & IFA_F.NOPREFIXROUTE) === 0;
}

/** What stops it from that. */
export function withoutPrefixRoute(held: HeldAddress): HeldAddress {
  return { ...held, flags: held.flags | IFA_F.NOPREFIXROUTE };
}

/** The kernel answers with one verdict. It makes the address when it is gone by then. */
export function encodePreferredLifetime(held: HeldAddress, preferred: Lifetime, sequence: number): Uint8Array {
  const { living, prefixLength, scope, flags, repeated } = held;
  const lifetimes = new Uint8Array(cacheInfoLength);
  writeU32(lifetimes, 0, secondsOf(preferred));
  writeU32(lifetimes, 4, secondsOf(living.valid));
  const own = header(living.ifindex);
  own.set([prefixLength, flags & settableFlags & 0xff, scope], 1);
  return encodeRequest(RTM.NEWADDR, NLM_F.ACK | NLM_F.REPLACE, sequence, own, [
    ...repeated.map(([type, value]) => encodeAttribute(type, value)),
    encodeAttribute(IFA.CACHEINFO, lifetimes),
    encodeU32Attribute(IFA.FLAGS, flags & settableFlags),
  ]);
}

/** struct ifaddrmsg: u8 family, prefix length, flags, scope; u32 interface. */
function header(ifindex: number): Uint8Array {
  const own = new Uint8Array(ifaddrLength);
  own[0] = AF_INET6;
  writeU32(own, 4, ifindex);
  return own;
}

function lifetimeOf(value: number): Lifetime {
  return value === infinity ? "forever" : seconds(value);
}

function secondsOf(lifetime: Lifetime): number {
  return lifetime === "forever" ? infinity : Math.min(Math.floor(lifetime / 1_000), infinity - 1);
}
