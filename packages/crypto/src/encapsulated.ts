/** What an encapsulation gives, whichever the algorithm. */
import type { SecretBytes } from "./secret-bytes.ts";

export interface Encapsulated {
  /** For the owner of the private key. */
  readonly ciphertext: Uint8Array;
  /** 32 octets for a key derivation. */
  readonly secret: SecretBytes;
}
