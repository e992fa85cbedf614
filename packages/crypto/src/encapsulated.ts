/** What an encapsulation gives, whichever the algorithm. */
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";

export interface Encapsulated {
  /** For the owner of the private key. */
  readonly ciphertext: Uint8Array;
  /** 32 octets for a key derivation. */
  readonly secret: SecretBytes;
}
