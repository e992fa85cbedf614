/**
 * Numbers in octets, big-endian, at places that the caller knows to be there. By hand and not by DataView, of which every message would
 * need one: a record of the tunnel may be no longer than a key press, and a frame of the mesh is forgotten after a look at it.
 */

export function readU16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

export function readU32(octets: Uint8Array, at: number): number {
  return ((readU16(octets, at) << 16) | readU16(octets, at + 2)) >>> 0;
}

/** Undefined beyond 2⁵³ − 1, which nothing that is counted comes to. */
export function readU64(octets: Uint8Array, at: number): number | undefined {
  const value = readU32(octets, at) * 0x1_0000_0000 + readU32(octets, at + 4);
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

export function writeU16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

export function writeU32(octets: Uint8Array, at: number, value: number): void {
  writeU16(octets, at, value >>> 16);
  writeU16(octets, at + 2, value);
}

/** Of a safe integer. */
export function writeU64(octets: Uint8Array, at: number, value: number): void {
  writeU32(octets, at, Math.floor(value / 0x1_0000_0000));
  writeU32(octets, at + 4, value);
}
