/** Requests that make, change and remove a link: on, off, its MTU, and its addresses. Source: linux/if_link.h, linux/if_addr.h. */
import { ipAddressBytes, type Prefix } from "@ropewalk/kernel/addresses";
import type { Bytes } from "@ropewalk/kernel/units";
import { RTM } from "./event.ts";
import { encodeName } from "./generic.ts";
import { writeU32 } from "./integers.ts";
import { NLM_F } from "./message.ts";
import { encodeAttribute, encodeRequest, encodeU32Attribute } from "./request.ts";

const IFF_UP = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const IFA = { ADDRESS: 1, LOCAL: 2 } as const;
const IFLA = { IFNAME: 3, MTU: 4, LINKINFO: 18 } as const;
const IFLA_INFO_KIND = 1;
const ifinfoLength = 16;
const ifaddrLength = 8;

/** struct ifinfomsg: u8 family, pad; u16 type; i32 index; u32 flags, and which of them are meant. */
export function encodeLinkSwitch(ifindex: number, isOn: boolean, sequence: number): Uint8Array {
  const own = new Uint8Array(ifinfoLength);
  writeU32(own, 4, ifindex);
  writeU32(own, 8, isOn ? IFF_UP : 0);
  writeU32(own, 12, IFF_UP);
  return encodeRequest(RTM.NEWLINK, NLM_F.ACK, sequence, own, []);
}

/** A link of this kind, such as "wireguard"; EEXIST: there is one of that name, EOPNOTSUPP: the kernel has none of that kind. */
export function encodeLinkMade(name: string, kind: string, sequence: number): Uint8Array {
  const information = encodeAttribute(IFLA_INFO_KIND, encodeName(kind));
  return encodeRequest(RTM.NEWLINK, NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL, sequence, new Uint8Array(ifinfoLength), [
    encodeAttribute(IFLA.IFNAME, encodeName(name)),
    encodeAttribute(IFLA.LINKINFO, information),
  ]);
}

/** ENODEV: there is none. */
export function encodeLinkRemoval(name: string, sequence: number): Uint8Array {
  const named = encodeAttribute(IFLA.IFNAME, encodeName(name));
  return encodeRequest(RTM.DELLINK, NLM_F.ACK, sequence, new Uint8Array(ifinfoLength), [named]);
}

export function encodeLinkMtu(ifindex: number, mtu: Bytes, sequence: number): Uint8Array {
  const own = new Uint8Array(ifinfoLength);
  writeU32(own, 4, ifindex);
  return encodeRequest(RTM.NEWLINK, NLM_F.ACK, sequence, own, [encodeU32Attribute(IFLA.MTU, mtu)]);
}

export function encodeAddressAddition(ifindex: number, prefix: Prefix, sequence: number): Uint8Array {
  const octets = ipAddressBytes(prefix.address);
  const attributes = [encodeAttribute(IFA.LOCAL, octets), encodeAttribute(IFA.ADDRESS, octets)];
  const flags = NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL;
  return encodeRequest(RTM.NEWADDR, flags, sequence, addressHeader(ifindex, prefix), attributes);
}

export function encodeAddressRemoval(ifindex: number, prefix: Prefix, sequence: number): Uint8Array {
  const attributes = [encodeAttribute(IFA.LOCAL, ipAddressBytes(prefix.address))];
  return encodeRequest(RTM.DELADDR, NLM_F.ACK, sequence, addressHeader(ifindex, prefix), attributes);
}

/** struct ifaddrmsg: u8 family, prefix length, flags, scope; u32 interface. */
function addressHeader(ifindex: number, { address, length }: Prefix): Uint8Array {
  const own = new Uint8Array(ifaddrLength);
  own.set([address.includes(":") ? AF_INET6 : AF_INET, length]);
  writeU32(own, 4, ifindex);
  return own;
}
