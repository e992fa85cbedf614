/** HKDF-SHA-384 (RFC 5869), over a port. */
import { joined } from "@ropewalk/kernel/bytes";
import { type Sha384, sha384Length } from "./sha384.ts";

/** A pseudorandom key of 48 bytes. Source: RFC 5869 §2.2. */
export function extract(sha384: Sha384, salt: Uint8Array, secret: Uint8Array): Uint8Array {
  return sha384.hmac(salt, secret);
}

/** `length` bytes, at most 255 × 48. Source: RFC 5869 §2.3. Throws RangeError. */
export function expand(sha384: Sha384, key: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const rounds = Math.ceil(length / sha384Length);
  if (rounds > 255) throw new RangeError(`HKDF-SHA-384 gives 12,240 bytes at most, not ${length}`);
  const blocks: Uint8Array[] = [];
  let block: Uint8Array = new Uint8Array();
  for (let round = 1; round <= rounds; round += 1) {
    block = sha384.hmac(key, block, info, Uint8Array.of(round));
    blocks.push(block);
  }
  return joined(...blocks).slice(0, length);
}
