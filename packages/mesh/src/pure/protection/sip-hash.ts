/**
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): a hash of 64 bits that nobody who has not
 * the key can aim. Words of 64 bits are two halves of 32, so that nothing is allocated.
 */

/** 16 octets, as four little-endian words. */
export type SipKey = Uint32Array;

/** Of the first 16 octets; those that are not there are zero. */
export function sipKey(octets: Uint8Array): SipKey {
  return Uint32Array.from([0, 4, 8, 12], (at) => littleEndian(octets, at, octets.length));
}

/** Rounds a word, and rounds at the end. */
const perWord = 2;
const final = 4;

/** Writes the hash into `into`: its low half first, then its high half. One loop is all rounds: §2.4 of the paper. */
export function sipHash(key: SipKey, octets: Uint8Array, into: Uint32Array): void {
  const [k0 = 0, k0High = 0, k1 = 0, k1High = 0] = key;
  let [a, aHigh] = [k0 ^ 0x70736575, k0High ^ 0x736f6d65];
  let [b, bHigh] = [k1 ^ 0x6e646f6d, k1High ^ 0x646f7261];
  let [c, cHigh] = [k0 ^ 0x6e657261, k0High ^ 0x6c796765];
  let [d, dHigh] = [k1 ^ 0x79746573, k1High ^ 0x74656462];
  const length = octets.length;
  const words = (length >>> 3) + 1;
  for (let word = 0; word <= words; word += 1) {
    const isEnd = word === words;
    const at = word << 3;
    const low = isEnd ? 0 : littleEndian(octets, at, length);
    const high = isEnd ? 0 : littleEndian(octets, at + 4, length) | (word === words - 1 ? length << 24 : 0);
    if (isEnd) c ^= 0xff;
    d ^= low;
    dHigh ^= high;
    for (let round = isEnd ? final : perWord; round > 0; round -= 1) {
      a = (a + b) | 0;
      aHigh = (aHigh + bHigh + carry(a, b)) | 0;
      c = (c + d) | 0;
      cHigh = (cHigh + dHigh + carry(c, d)) | 0;
      let kept = (b << 13) | (bHigh >>> 19);
      bHigh = ((bHigh << 13) | (b >>> 19)) ^ aHigh;
      b = kept ^ a;
      kept = (d << 16) | (dHigh >>> 16);
      dHigh = ((dHigh << 16) | (d >>> 16)) ^ cHigh;
      d = kept ^ c;
      kept = a;
      a = aHigh;
      aHigh = kept;
      a = (a + d) | 0;
      aHigh = (aHigh + dHigh + carry(a, d)) | 0;
      c = (c + b) | 0;
      cHigh = (cHigh + bHigh + carry(c, b)) | 0;
      kept = (b << 17) | (bHigh >>> 15);
      bHigh = ((bHigh << 17) | (b >>> 15)) ^ cHigh;
      b = kept ^ c;
      kept = (d << 21) | (dHigh >>> 11);
      dHigh = ((dHigh << 21) | (d >>> 11)) ^ aHigh;
      d = kept ^ a;
      kept = c;
      c = cHigh;
      cHigh = kept;
    }
    a ^= low;
    aHigh ^= high;
  }
  into[0] = a ^ b ^ c ^ d;
  into[1] = aHigh ^ bHigh ^ cHigh ^ dHigh;
}

/**
 * The same of 8 octets, given as the two words that they are, big-endian: tags and elements, of which thousands are hashed for one meeting. All
 * eight rounds are one loop, with what comes between them where it comes.
 */
export function sipHashEight(key: SipKey, first: number, second: number, into: Uint32Array): void {
  const [k0, k0High] = [(key[0] as number) | 0, (key[1] as number) | 0];
  const [k1, k1High] = [(key[2] as number) | 0, (key[3] as number) | 0];
  let [a, aHigh] = [k0 ^ 0x70736575, k0High ^ 0x736f6d65];
  let [b, bHigh] = [k1 ^ 0x6e646f6d, k1High ^ 0x646f7261];
  let [c, cHigh] = [k0 ^ 0x6e657261, k0High ^ 0x6c796765];
  let [low, high] = [swapped(first), swapped(second)];
  let [d, dHigh] = [k1 ^ 0x79746573 ^ low, k1High ^ 0x74656462 ^ high];
  for (let round = 0; round < 2 * perWord + final; round += 1) {
    if (round === perWord) {
      a ^= low;
      aHigh ^= high;
      low = 0;
      high = 8 << 24;
      dHigh ^= high;
    } else if (round === 2 * perWord) {
      aHigh ^= high;
      c ^= 0xff;
    }
    a = (a + b) | 0;
    aHigh = (aHigh + bHigh + carry(a, b)) | 0;
    c = (c + d) | 0;
    cHigh = (cHigh + dHigh + carry(c, d)) | 0;
    let kept = (b << 13) | (bHigh >>> 19);
    bHigh = ((bHigh << 13) | (b >>> 19)) ^ aHigh;
    b = kept ^ a;
    kept = (d << 16) | (dHigh >>> 16);
    dHigh = ((dHigh << 16) | (d >>> 16)) ^ cHigh;
    d = kept ^ c;
    kept = a;
    a = aHigh;
    aHigh = kept;
    a = (a + d) | 0;
    aHigh = (aHigh + dHigh + carry(a, d)) | 0;
    c = (c + b) | 0;
    cHigh = (cHigh + bHigh + carry(c, b)) | 0;
    kept = (b << 17) | (bHigh >>> 15);
    bHigh = ((bHigh << 17) | (b >>> 15)) ^ cHigh;
    b = kept ^ c;
    kept = (d << 21) | (dHigh >>> 11);
    dHigh = ((dHigh << 21) | (d >>> 11)) ^ aHigh;
    d = kept ^ a;
    kept = c;
    c = cHigh;
    cHigh = kept;
  }
  into[0] = a ^ b ^ c ^ d;
  into[1] = aHigh ^ bHigh ^ cHigh ^ dHigh;
}

/** Big-endian to little-endian. */
function swapped(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** Of the low halves' sum, where `added` was one of them. */
function carry(sum: number, added: number): 0 | 1 {
  return sum >>> 0 < added >>> 0 ? 1 : 0;
}

/** Four octets, without those from `length` on. */
function littleEndian(octets: Uint8Array, at: number, length: number): number {
  if (at + 4 <= length) {
    return (
      (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8) | ((octets[at + 2] ?? 0) << 16) | ((octets[at + 3] ?? 0) << 24)
    );
  }
  let word = 0;
  for (let index = at; index < length; index += 1) word |= (octets[index] ?? 0) << ((index - at) << 3);
  return word;
}
