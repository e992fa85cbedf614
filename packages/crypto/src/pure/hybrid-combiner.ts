/**
 * Several shared secrets into one that is as good as the best of them: the universal combiner of draft-irtf-cfrg-hybrid-kems. It
 * takes in every secret, public key, ciphertext and name, so that neither a key nor a ciphertext can be put in another's place.
 */
import { extract } from "./hkdf.ts";
import { framed, utf8 } from "./octets.ts";
import type { Sha384 } from "./sha384.ts";

export interface Contribution {
  /** Of the algorithm, and of who received it where that may differ: "ClassicMcEliece460896 to destination". */
  readonly name: string;
  readonly secret: Uint8Array;
  /** Empty where there is none, as with what a TLS connection exports. */
  readonly publicKey: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/**
 * 48 bytes for HKDF-Expand: HKDF-Extract with the secrets as its key material and the hash of all that is public as its salt.
 * `label` names the protocol and its version; `context` is what both ends must agree on besides, such as a transcript.
 */
export function combineSecrets(
  sha384: Sha384,
  label: string,
  contributions: readonly Contribution[],
  context: Uint8Array,
): Uint8Array {
  const parts = contributions.map(({ name, publicKey, ciphertext }) =>
    sha384.hash(framed(utf8(name), publicKey, ciphertext)),
  );
  const salt = sha384.hash(framed(utf8(label), ...parts, context));
  return extract(sha384, salt, framed(...contributions.map(({ secret }) => secret)));
}
