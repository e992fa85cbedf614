/** Keys of X25519 as 32 octets each, over Node's own. Source: RFC 7748; the two prefixes are those of RFC 8410 §4 and §7. */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";

export interface X25519Pair {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

const privatePrefix = Buffer.from("302e020100300506032b656e04220420", "hex");
const publicPrefix = Buffer.from("302a300506032b656e032100", "hex");

/** Of 32 octets that were drawn for it. */
export function x25519Pair(secret: Uint8Array): X25519Pair {
  const key = Buffer.concat([privatePrefix, secret]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { publicKey: new Uint8Array(spki.subarray(publicPrefix.length)), privateKey };
}

/** Throws for a key that is of small order. */
export function sharedSecret({ privateKey }: X25519Pair, theirs: Uint8Array): Uint8Array {
  const publicKey = createPublicKey({
    key: Buffer.concat([publicPrefix, theirs]),
    format: "der",
    type: "spki",
  });
  return diffieHellman({ privateKey, publicKey });
}
