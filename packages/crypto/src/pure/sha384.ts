/** SHA-384 as protocols that know no Node see it: a port, so that what they compute can also be computed with symbols. */

export interface Sha384 {
  /** SHA-384 of the parts, one after the other: 48 bytes. Source: FIPS 180-4. */
  readonly hash: (...parts: readonly Uint8Array[]) => Uint8Array;
  /** HMAC-SHA-384 of the parts, one after the other: 48 bytes. Source: RFC 2104. */
  readonly hmac: (key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array;
}

/** Bytes of a hash, and of a MAC. */
export const sha384Length = 48;
