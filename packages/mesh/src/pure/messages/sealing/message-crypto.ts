/** The cryptography that sealing asks for: synchronous, so that the same code runs in simulations. Secrets are plain octets here, told to nobody. */

/** A private X25519 key. */
export interface AgreementKey {
  /** 32 octets. */
  readonly publicKey: Uint8Array;
  /** 32 octets that both ends alone know. Undefined where the peer's key is none, or of small order. */
  agree(peer: Uint8Array): Uint8Array | undefined;
}

/** One that the node made itself and may keep. */
export interface FreshKey extends AgreementKey {
  /** The 32 octets that it is made from. */
  secret(): Uint8Array;
}

export interface MessageCrypto {
  /** The node's own identity key: 32 octets, Ed25519. */
  readonly publicKey: Uint8Array;
  /** The X25519 half of it (RFC 7748 §4.1). */
  readonly identity: AgreementKey;
  generate(): FreshKey;
  /** Of what `secret` gave; undefined where the octets are no key. */
  restore(secret: Uint8Array): FreshKey | undefined;
  /** The public X25519 half of another's identity key, 32 octets. Undefined where that is none, or of small order. */
  agreementKeyOf(key: Uint8Array): Uint8Array | undefined;
  /** 32 octets. */
  sha256(octets: Uint8Array): Uint8Array;
  /** The same as 64 hexadecimal digits, which takes half the time. It stays in memory until that is wanted: for no key. */
  sha256Hex(octets: Uint8Array): string;
  /** HKDF-SHA-256 without a salt (RFC 5869). */
  hkdf(secret: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** ChaCha20-Poly1305 with a nonce of zeros: ciphertext and mac. A key of 32 octets seals once. */
  seal(key: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** Undefined: it was not sealed so. */
  open(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** 64 octets by the identity key, in the domain of broadcasts. */
  sign(message: Uint8Array): Uint8Array;
  /** Whether `signature` is one of `sign` by who has `key`; false for a key of small order, or none. Never throws. */
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Octets that nobody can guess. */
  random(length: number): Uint8Array;
}
