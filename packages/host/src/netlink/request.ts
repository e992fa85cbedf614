/** The frame of every request: netlink's header, the header of the request's own type, attributes. Source: linux/netlink.h. */
import { joined } from "@ropewalk/kernel/bytes";
import { attributeHeaderLength } from "./attributes.ts";
import { readU16, writeU16, writeU32 } from "./integers.ts";
import { align4, headerLength, NLM_F } from "./message.ts";

const flagsOffset = 6;

export function encodeRequest(
  type: number,
  flags: number,
  sequence: number,
  ownHeader: Uint8Array,
  attributes: readonly Uint8Array[],
): Uint8Array {
  const request = joined(new Uint8Array(headerLength), ownHeader, ...attributes);
  writeU32(request, 0, request.length);
  writeU16(request, 4, type);
  writeU16(request, flagsOffset, NLM_F.REQUEST | flags);
  writeU32(request, 8, sequence);
  return request;
}

/** Many as one packet, of which the kernel answers those that fail and the last: an answer for each costs more than the work. */
export function joinRequests(requests: readonly Uint8Array[]): Uint8Array {
  const packet = joined(...requests);
  let offset = 0;
  for (const request of requests.slice(0, -1)) {
    writeU16(packet, offset + flagsOffset, (readU16(request, flagsOffset) ?? 0) & ~NLM_F.ACK);
    offset += request.length;
  }
  return packet;
}

/** With its padding. */
export function encodeAttribute(type: number, value: Uint8Array): Uint8Array {
  const attribute = new Uint8Array(align4(attributeHeaderLength + value.length));
  writeU16(attribute, 0, attributeHeaderLength + value.length);
  writeU16(attribute, 2, type);
  attribute.set(value, attributeHeaderLength);
  return attribute;
}

export function encodeU32Attribute(type: number, value: number): Uint8Array {
  const octets = new Uint8Array(4);
  writeU32(octets, 0, value);
  return encodeAttribute(type, octets);
}
