/** The frame of every request: netlink's header, the header of the request's own type, attributes. Source: linux/netlink.h. */
import { attributeHeaderLength } from "./attributes.ts";
import { writeU16, writeU32 } from "./integers.ts";
import { align4, headerLength, NLM_F } from "./message.ts";

export function encodeRequest(
  type: number,
  flags: number,
  sequence: number,
  ownHeader: Uint8Array,
  attributes: readonly Uint8Array[],
): Uint8Array {
  const start = headerLength + ownHeader.length;
  const request = new Uint8Array(attributes.reduce((length, attribute) => length + attribute.length, start));
  writeU32(request, 0, request.length);
  writeU16(request, 4, type);
  writeU16(request, 6, NLM_F.REQUEST | flags);
  writeU32(request, 8, sequence);
  request.set(ownHeader, headerLength);
  let offset = start;
  for (const attribute of attributes) {
    request.set(attribute, offset);
    offset += attribute.length;
  }
  return request;
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
