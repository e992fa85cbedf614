/** SHA-256 and HKDF-SHA-256 by Node, for secrets: what is public and short is hashed faster in pure code, by pure/sha256. */
import { hash, hkdfSync } from "node:crypto";
import { plain } from "./pure/octets.ts";

/** 32 octets. Source: FIPS 180-4 §6.2. */
export function sha256(octets: Uint8Array): Uint8Array {
  return plain(hash("sha256", octets, "buffer"));
}

/** The same as 64 hexadecimal digits, lower-case. For no key: a text cannot be written over. */
export function sha256Hex(octets: Uint8Array): string {
  return hash("sha256", octets, "hex");
}

/** `length` octets, 1 to 8,160. Source: RFC 5869 §2. Throws RangeError. */
export function hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, length));
}
