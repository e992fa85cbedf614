/** Published vectors are written in hexadecimal. */
export function hex(text: string): Uint8Array {
  return Uint8Array.fromHex(text);
}
