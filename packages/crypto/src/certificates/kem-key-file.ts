/**
 * A pair of Classic McEliece keys as a file holds it: the armour of PEM, a label of our own, and inside the secret half, the public
 * half and the SHA-384 of both, by which a damaged file is known. Where the public half goes beside it, no second file is needed.
 */

import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { areEqual } from "../constant-time.ts";
import { CryptoError } from "../errors.ts";
import { McElieceKeyPair, McEliecePublicKey, mcElieceLengths } from "../mceliece/keys.ts";
import { sha384 } from "../sha384.ts";
import { kemKeyLabel, readDocumentsOf } from "./document.ts";
import { encodePem } from "./pure/pem.ts";

const { secretKey: secretLength, publicKey: publicLength } = mcElieceLengths;
const keysLength = secretLength + publicLength;
const checksumLength = 48;

/** The octets of a file, which nobody else may read: about 730 KB. */
export function encodeKemKey({ publicKey, secretKey }: McElieceKeyPair): SecretBytes {
  const parts = [secretKey.reveal(), publicKey.raw()];
  using content = new SecretBytes(joined(...parts, sha384.hash(...parts)));
  return new SecretBytes(new TextEncoder().encode(encodePem(kemKeyLabel, content.reveal())));
}

/** The pair in the octets of a file; the caller disposes it. Throws CRYPTO_DOCUMENT_KIND, CRYPTO_DOCUMENT_INVALID and CRYPTO_KEY_INVALID. */
export function readKemKey(bytes: Uint8Array): McElieceKeyPair {
  const [content = new Uint8Array(), ...more] = readDocumentsOf("kem-key", bytes);
  const keys = content.subarray(0, keysLength);
  const checksum = content.subarray(keysLength);
  if (more.length > 0 || checksum.length !== checksumLength || !areEqual(sha384.hash(keys), checksum))
    throw new CryptoError(
      "CRYPTO_KEY_INVALID",
      "the McEliece key is damaged or cut short; make another: ropewalk cert",
    );
  const publicKey = new McEliecePublicKey(keys.slice(secretLength));
  const pair = new McElieceKeyPair(publicKey, new SecretBytes(keys.slice(0, secretLength)));
  content.fill(0);
  return pair;
}
