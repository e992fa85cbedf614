/**
 * Netlink attributes: a list of (length, type, value), each padded to four octets. Source: linux/netlink.h, struct nlattr.
 * A later attribute of a type hides an earlier one, as in the kernel's nla_parse.
 */
import { type IpAddress, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { readI32, readU16, readU32 } from "./integers.ts";
import { align4 } from "./message.ts";

export const attributeHeaderLength = 4;
/** Clears NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const typeMask = 0x3fff;
const text = new TextDecoder();

export type Attributes = ReadonlyMap<number, Uint8Array>;

/** The attributes in `bytes`; undefined when a length does not fit. Values are views into `bytes`. */
export function readAttributes(bytes: Uint8Array): Attributes | undefined {
  const attributes = new Map<number, Uint8Array>();
  let offset = 0;
  while (bytes.length - offset >= attributeHeaderLength) {
    const length = readU16(bytes, offset) ?? 0;
    if (length < attributeHeaderLength || length > bytes.length - offset) return undefined;
    attributes.set(
      (readU16(bytes, offset + 2) ?? 0) & typeMask,
      bytes.subarray(offset + attributeHeaderLength, offset + length),
    );
    offset += align4(length);
  }
  return attributes;
}

/** One attribute of many, where a list of all would cost more than all else: undefined when absent or behind a broken one. */
export function findAttribute(bytes: Uint8Array, type: number): Uint8Array | undefined {
  let offset = 0;
  while (bytes.length - offset >= attributeHeaderLength) {
    const length = readU16(bytes, offset) ?? 0;
    if (length < attributeHeaderLength || length > bytes.length - offset) return undefined;
    if (((readU16(bytes, offset + 2) ?? 0) & typeMask) === type) {
      return bytes.subarray(offset + attributeHeaderLength, offset + length);
    }
    offset += align4(length);
  }
  return undefined;
}

export function attributeU8(attributes: Attributes, type: number): number | undefined {
  return attributes.get(type)?.[0];
}

export function attributeU32(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  return value === undefined ? undefined : readU32(value, 0);
}

export function attributeI32(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  return value === undefined ? undefined : readI32(value, 0);
}

/** A string up to its first zero octet. */
export function attributeText(attributes: Attributes, type: number): string | undefined {
  const value = attributes.get(type);
  if (value === undefined) return undefined;
  const end = value.indexOf(0);
  return text.decode(end < 0 ? value : value.subarray(0, end));
}

/** Four or sixteen octets as an address; undefined when absent or of another length. */
export function attributeAddress(attributes: Attributes, type: number): IpAddress | undefined {
  const value = attributes.get(type);
  return value === undefined ? undefined : ipAddressFromBytes(value);
}
