/** Octets joined so that no two lists of parts look alike, and other small things that are done to octets everywhere. */
import { writeU32 } from "@ropewalk/kernel/big-endian";

/** Octets of a part's length. */
const headLength = 4;

/** Each part behind its length in four octets, big-endian. */
export function framed(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + headLength + part.length, 0));
  let at = 0;
  for (const part of parts) {
    writeU32(whole, at, part.length);
    whole.set(part, at + headLength);
    at += headLength + part.length;
  }
  return whole;
}

/** The same memory as a plain array: Node's are of a class of its own, which compares and prints otherwise. */
export function plain(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
}

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
