/**
 * Which part of two stores meets, where they have or differ in more than one meeting bears: the elements whose first bits are those of
 * the leading end's nonce. That end counts its nonces on so that meeting by meeting each part has its turn, and says nothing more for it.
 */

/** Of one bit for each halving; more are never needed, nor taken. */
export const mostSliceBits = 16;

/** The fewest bits with which a slice of `count` elements has about `most` of them. */
export function sliceBitsFor(count: number, most: number): number {
  let bits = 0;
  while (bits < mostSliceBits && count > most * 2 ** bits) bits += 1;
  return bits;
}

/** How many of `count` are expected in a slice. */
export function sliced(count: number, bits: number): number {
  return Math.floor(count / 2 ** bits);
}

/** Those of a row whose first `bits` are those of `nonce`. */
export function sliceOf(elements: Uint32Array, nonce: Uint8Array, bits: number): Uint32Array {
  if (bits === 0) return elements;
  const prefix = prefixOf(nonce, bits);
  const found: number[] = [];
  for (let at = 0; at + 1 < elements.length; at += 2) {
    const high = elements[at] as number;
    if (high >>> (32 - bits) === prefix) found.push(high, elements[at + 1] as number);
  }
  return Uint32Array.from(found);
}

/** The nonce with `turn` in its first 16 bits, the lowest first: so turns that follow each other go through the slices of any size. */
export function nonceOfTurn(nonce: Uint8Array, turn: number): Uint8Array {
  let reversed = 0;
  for (let bit = 0; bit < mostSliceBits; bit += 1) reversed = (reversed << 1) | ((turn >>> bit) & 1);
  return nonce.with(0, reversed >>> 8).with(1, reversed & 0xff);
}

function prefixOf(nonce: Uint8Array, bits: number): number {
  return (((nonce[0] ?? 0) << 8) | (nonce[1] ?? 0)) >>> (mostSliceBits - bits);
}
