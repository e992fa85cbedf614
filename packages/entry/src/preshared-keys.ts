/**
 * The preshared key of each placement: derived from one secret that all replicas are given, and from the placement's id, which is drawn and never given
 * twice. So nothing of it is in the database or a backup, whoever asks or sends again has the same, and with the placement's row goes what
 * its key could be made of again.
 */
import { hkdfSha256 } from "@ropewalk/crypto/sha256";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { PlacementId } from "./pure/vpn-placement.ts";

const utf8 = new TextEncoder();

export class PresharedKeys {
  /** Of the secret: it tells two secrets apart, and nothing else of them. 32 octets. */
  readonly fingerprint: Uint8Array;
  readonly #secret: SecretBytes;

  /** `secret` has 32 octets of chance or more, and stays the caller's, who erases it behind the last use. */
  constructor(secret: SecretBytes) {
    this.#secret = secret;
    this.fingerprint = hkdfSha256(
      secret.reveal(),
      new Uint8Array(),
      utf8.encode("ropewalk entry preshared secret 1"),
      32,
    );
  }

  /** 32 octets, as WireGuard takes them. */
  of(placement: PlacementId): Uint8Array {
    return hkdfSha256(this.#secret.reveal(), utf8.encode(placement), utf8.encode("ropewalk entry preshared key 1"), 32);
  }
}
