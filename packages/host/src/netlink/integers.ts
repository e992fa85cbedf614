/**
 * Integers in the machine's own byte order, which netlink uses for all but network addresses and ND options.
 * Reading past the end gives undefined. Read octet by octet: a DataView for each costs more than all else in a dump.
 */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function readU16(bytes: Uint8Array, offset: number): number | undefined {
  const first = bytes[offset];
  const second = bytes[offset + 1];
  if (first === undefined || second === undefined) return undefined;
  return isLittleEndian ? first | (second << 8) : (first << 8) | second;
}

export function readU32(bytes: Uint8Array, offset: number): number | undefined {
  const first = readU16(bytes, offset);
  const second = readU16(bytes, offset + 2);
  if (first === undefined || second === undefined) return undefined;
  return (isLittleEndian ? first | (second << 16) : (first << 16) | second) >>> 0;
}

export function readI32(bytes: Uint8Array, offset: number): number | undefined {
  const value = readU32(bytes, offset);
  return value === undefined ? undefined : value | 0;
}

/** As a number, exact up to 2^53; a counter of octets needs a week at 100 Gbit/s to get there. */
export function readU64(bytes: Uint8Array, offset: number): number | undefined {
  const first = readU32(bytes, offset);
  const second = readU32(bytes, offset + 4);
  if (first === undefined || second === undefined) return undefined;
  return isLittleEndian ? first + second * 0x1_0000_0000 : second + first * 0x1_0000_0000;
}

/** The offset must lie within `bytes`: a request is made by code that knows its layout. */
export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(offset, value, isLittleEndian);
}

export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(offset, value, isLittleEndian);
}
