/** Octets joined so that no two lists of parts look alike, and other small things that are done to octets everywhere. */
import { joined } from "@ropewalk/kernel/bytes";

/** Each part behind its length in four octets, big-endian. */
export function framed(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(...parts.flatMap((part) => [lengthOf(part), part]));
}

function lengthOf(part: Uint8Array): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, part.length);
  return octets;
}

/** The same memory as a plain array: Node's are of a class of its own, which compares and prints otherwise. */
export function plain(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength);
}

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
