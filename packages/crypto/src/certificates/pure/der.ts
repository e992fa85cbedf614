/**
 * A writer of DER (X.690), and only a writer: what others wrote is read by Node and by @peculiar/asn1-*. Every value has exactly
 * one encoding here.
 */
import { joined } from "@ropewalk/kernel/bytes";

/** Tags as ASN.1 names them (X.680 §8.4); constructed ones have bit 0x20 set. */
const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(tag.sequence, joined(...parts));
}

/** Only of one element, or of elements that are already in the order of their encodings (X.690 §11.6). */
export function setOf(...parts: readonly Uint8Array[]): Uint8Array {
  return element(tag.set, joined(...parts));
}

export function boolean(value: boolean): Uint8Array {
  return element(tag.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** A whole number from 0 up. */
export function integer(value: number | bigint): Uint8Array {
  const hex = value.toString(16);
  return unsignedInteger(Uint8Array.fromHex(hex.length % 2 === 0 ? hex : `0${hex}`));
}

/** A whole number from 0 up, big-endian, of however many octets. */
export function unsignedInteger(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  const digits = first === -1 ? Uint8Array.of(0) : octets.subarray(first);
  const isNegativeLooking = (digits[0] ?? 0) >= 0x80;
  return element(tag.integer, isNegativeLooking ? joined(Uint8Array.of(0), digits) : digits);
}

export function octetString(octets: Uint8Array): Uint8Array {
  return element(tag.octetString, octets);
}

/** A bit string of whole octets. */
export function bitString(octets: Uint8Array): Uint8Array {
  return element(tag.bitString, joined(Uint8Array.of(0), octets));
}

/** A named bit list: `bits` are the positions that are set, the first is 0. Zeros at the end are left out (X.690 §11.2.2). */
export function namedBits(bits: readonly number[]): Uint8Array {
  const length = Math.max(-1, ...bits) + 1;
  const octets = new Uint8Array(Math.ceil(length / 8));
  for (const bit of bits) {
    const index = bit >> 3;
    octets[index] = (octets[index] ?? 0) | (0x80 >> (bit & 7));
  }
  return element(tag.bitString, joined(Uint8Array.of(octets.length * 8 - length), octets));
}

/** From its dotted text. Throws RangeError for what is none: identifiers are constants of ours. */
export function objectIdentifier(dotted: string): Uint8Array {
  if (!/^(?:[01]\.[0-3]?\d|2\.\d+)(?:\.\d+)*$/.test(dotted)) throw new RangeError(`${dotted} is no object identifier`);
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(tag.objectIdentifier, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

export function utf8String(text: string): Uint8Array {
  return element(tag.utf8String, new TextEncoder().encode(text));
}

/** Milliseconds since 1970, cut to seconds: UTCTime from 1950 to 2049, else GeneralizedTime (RFC 5280 §4.1.2.5). */
export function time(wall: number): Uint8Array {
  const iso = new Date(wall).toISOString();
  const digits = `${iso.slice(0, 19).replace(/[-T:]/g, "")}Z`;
  const year = Number(iso.slice(0, 4));
  const isShort = year >= 1950 && year < 2050;
  return element(isShort ? tag.utcTime : tag.generalizedTime, ascii(isShort ? digits.slice(2) : digits));
}

/** `[number] EXPLICIT`. */
export function explicit(number: number, inner: Uint8Array): Uint8Array {
  return element(0xa0 | number, inner);
}

/** `[number] IMPLICIT` in place of the tag of something primitive, whose content this is. */
export function implicit(number: number, content: Uint8Array): Uint8Array {
  return element(0x80 | number, content);
}

/** Each character as one octet; the caller knows that all are ASCII. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function element(octet: number, content: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(octet), lengthOctets(content.length), content);
}

/** X.690 §10.1: the definite form, as short as can be. */
function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Uint8Array.of(0x80 | octets.length, ...octets);
}

function base128(arc: number): readonly number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(128 + (rest % 128));
  return octets;
}
