/** RTM_NEWNEXTHOP and RTM_DELNEXTHOP. Source: linux/nexthop.h. */
import type { NextHopObject } from "../tables/network-event.ts";
import { attributeAddress, attributeU32, readAttributes } from "./attributes.ts";
import { readU32 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";

const NHA = { ID: 1, GROUP: 2, OIF: 5, GATEWAY: 6 } as const;
const nhmsgLength = 8;
/** struct nexthop_grp: u32 id, u8 weight less one, u8 its high octet (Linux 6.12, else zero), u16 reserved. */
const memberLength = 8;
const mostMembers = 1024;

export function decodeNextHop(payload: Uint8Array): NextHopObject | Malformed {
  const attributes = readAttributes(payload.subarray(nhmsgLength));
  if (payload.length < nhmsgLength || attributes === undefined) return malformed("a nexthop message cut short");
  const id = attributeU32(attributes, NHA.ID);
  if (id === undefined) return malformed("a nexthop message without an id");
  const group = attributes.get(NHA.GROUP);
  if (group !== undefined) return decodeGroup(id, group);
  return {
    kind: "single",
    id,
    ifindex: attributeU32(attributes, NHA.OIF) || undefined,
    gateway: attributeAddress(attributes, NHA.GATEWAY),
  };
}

function decodeGroup(id: number, bytes: Uint8Array): NextHopObject | Malformed {
  const count = Math.floor(bytes.length / memberLength);
  if (count > mostMembers) return malformed(`a nexthop group of ${count} members`);
  const members = Array.from({ length: count }, (_, index) => {
    const offset = index * memberLength;
    const weight = ((bytes[offset + 4] ?? 0) | ((bytes[offset + 5] ?? 0) << 8)) + 1;
    return { id: readU32(bytes, offset) ?? 0, weight };
  });
  return { kind: "group", id, members };
}
