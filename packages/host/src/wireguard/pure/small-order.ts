/**
 * Public keys of X25519 with which every secret key agrees on zero: no handshake succeeds with one, and whoever has one is nobody. Source: RFC 7748
 * §6.1 and §7; the list is that of libsodium's crypto_scalarmult_curve25519.
 */
import { type WireGuardPublicKey, wireGuardKeyLength, wireGuardPublicKeyFromBytes } from "../public-key.ts";

/** In their canonical form and with the prime added; the last bit of a key is passed over (RFC 7748 §5). */
const points: readonly string[] = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

const texts: ReadonlySet<string> = new Set(points.flatMap(bothTexts));

/** `key` as text, in base64; whatever else it is, is none of them. */
export function isOfSmallOrder(key: string): boolean {
  return texts.has(key);
}

/** Without the bit that is passed over, and with it. */
function bothTexts(hex: string): readonly WireGuardPublicKey[] {
  const plain = Uint8Array.fromHex(hex);
  const marked = plain.slice();
  const last = wireGuardKeyLength - 1;
  marked[last] = (marked[last] ?? 0) | 0x80;
  return [wireGuardPublicKeyFromBytes(plain), wireGuardPublicKeyFromBytes(marked)];
}
