/** The identity that a seed makes: real signatures. What it seals is in a cipher of one's own hashes, enough for a test's eavesdroppers. */
import { hash } from "node:crypto";
import { SecretBytes } from "@ropewalk/crypto/secret-bytes";
import { signatureDomain } from "@ropewalk/crypto/signature-domains";
import { sign, verify } from "@ropewalk/crypto/signatures";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { verifyingKeyFromRaw } from "@ropewalk/crypto/verifying-key";
import { addressOf } from "@ropewalk/mesh/pure/mesh-address";
import { type MeshCrypto, sealOverhead } from "@ropewalk/mesh/pure/mesh-crypto";

const announces = signatureDomain("ropewalk mesh announce v1");

export function simIdentity(seed: Uint8Array): MeshCrypto {
  const key = signingKeyFromSeed("ed25519", new SecretBytes(seed));
  const publicKey = key.verifyingKey.raw();
  return {
    publicKey,
    address: addressOf(sha256(publicKey)),
    sign: (message) => sign(key, announces, message),
    verify: (of, message, signature) => {
      try {
        return verify(verifyingKeyFromRaw("ed25519", of), announces, signature, message);
      } catch {
        return false;
      }
    },
    chainSeed: (epoch, sequence) => sha256(Buffer.from(`${seed} ${epoch} ${sequence}`)).subarray(0, 12),
    seal: (to, plaintext) => {
      const sealed = new Uint8Array(plaintext.length + sealOverhead);
      sealed.set(to);
      sealed.set(plaintext, sealOverhead);
      return sealed;
    },
    open: (sealed) =>
      sealed.length >= sealOverhead && Buffer.compare(sealed.subarray(0, 32), publicKey) === 0
        ? sealed.slice(sealOverhead)
        : undefined,
    random: () => new Uint8Array(0),
  };
}

function sha256(octets: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha256", octets, "buffer"));
}
