/**
 * Integers in the machine's own byte order, which netlink uses for all but network addresses and ND options.
 * Reading past the end gives undefined.
 */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function readU16(bytes: Uint8Array, offset: number): number | undefined {
  return viewOf(bytes, offset, 2)?.getUint16(0, isLittleEndian);
}

export function readU32(bytes: Uint8Array, offset: number): number | undefined {
  return viewOf(bytes, offset, 4)?.getUint32(0, isLittleEndian);
}

export function readI32(bytes: Uint8Array, offset: number): number | undefined {
  return viewOf(bytes, offset, 4)?.getInt32(0, isLittleEndian);
}

export function readU64(bytes: Uint8Array, offset: number): bigint | undefined {
  return viewOf(bytes, offset, 8)?.getBigUint64(0, isLittleEndian);
}

/** The offset must lie within `bytes`: a request is made by code that knows its layout. */
export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(offset, value, isLittleEndian);
}

export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(offset, value, isLittleEndian);
}

function viewOf(bytes: Uint8Array, offset: number, length: number): DataView | undefined {
  if (offset < 0 || offset + length > bytes.length) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset + offset, length);
}
