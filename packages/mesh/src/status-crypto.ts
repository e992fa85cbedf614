/** Signatures of status records by node:crypto: what pure/status/status-sealing asks for besides the cryptography of messages. */
import { signatureDomain } from "@ropewalk/crypto/signature-domains";
import { sign, verify } from "@ropewalk/crypto/signatures";
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import { verifyingKeyFromRaw } from "@ropewalk/crypto/verifying-key";
import { orUndefined } from "./foreign-keys.ts";
import type { OpeningCrypto, SealingCrypto } from "./pure/status/status-sealing.ts";

const statusDomain = signatureDomain("ropewalk mesh status v1");

/** By the identity `key`, which stays the caller's. */
export function signStatusBy(key: SigningKey<"ed25519">): SealingCrypto["signStatus"] {
  return (octets) => sign(key, statusDomain, octets);
}

export const verifyStatus: OpeningCrypto["verifyStatus"] = (key, octets, signature) =>
  orUndefined(() => verify(verifyingKeyFromRaw("ed25519", key), statusDomain, signature, octets)) === true;
