/** SHA-256 and HKDF-SHA-256 by Node, for secrets: what is public and short is hashed faster in pure code, by pure/sha256. */
import { createHmac, hash } from "node:crypto";
import { joined } from "@ropewalk/kernel/bytes";
import { plain } from "./pure/octets.ts";

/** 32 octets. Source: FIPS 180-4 §6.2. */
export function sha256(octets: Uint8Array): Uint8Array {
  return plain(hash("sha256", octets, "buffer"));
}

/** The same as 64 hexadecimal digits, lower-case. For no key: a text cannot be written over. */
export function sha256Hex(octets: Uint8Array): string {
  return hash("sha256", octets, "hex");
}

const mostOctets = 255 * 32;

/** What was extracted from a secret, to expand as many keys from as are needed. Source: RFC 5869 §2. */
export class HkdfSha256 {
  readonly #key: Uint8Array;

  constructor(secret: Uint8Array, salt: Uint8Array) {
    this.#key = createHmac("sha256", salt).update(secret).digest();
  }

  /** `length` octets, 1 to 8,160. Throws RangeError. */
  expand(info: Uint8Array, length: number): Uint8Array {
    if (!(length >= 1 && length <= mostOctets))
      throw new RangeError(`HKDF-SHA-256 gives 1 to ${mostOctets} octets, not ${length}`);
    const blocks: Uint8Array[] = [];
    let block: Uint8Array = new Uint8Array();
    for (let round = 1; (round - 1) * 32 < length; round += 1) {
      block = createHmac("sha256", this.#key).update(block).update(info).update(Uint8Array.of(round)).digest();
      blocks.push(block);
    }
    return joined(...blocks).slice(0, length);
  }
}

/** One key: `length` octets, 1 to 8,160. Throws RangeError. */
export function hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new HkdfSha256(secret, salt).expand(info, length);
}
