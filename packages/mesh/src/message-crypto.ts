/** The cryptography of messages by node:crypto, with a node's identity key: what pure/messages/sealing asks for. */
import { randomBytes } from "node:crypto";
import { x25519KeyOf, x25519PublicKeyOf } from "@ropewalk/crypto/ed25519-points";
import {
  generateX25519Key,
  type X25519PrivateKey,
  x25519KeyFromSeed,
  x25519PublicKeyFromRaw,
} from "@ropewalk/crypto/key-agreement";
import { openOnce, sealOnce } from "@ropewalk/crypto/one-time-aead";
import { plain } from "@ropewalk/crypto/pure/octets";
import { hkdfSha256, sha256, sha256Hex } from "@ropewalk/crypto/sha256";
import { signatureDomain } from "@ropewalk/crypto/signature-domains";
import { sign, verify } from "@ropewalk/crypto/signatures";
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import { verifyingKeyFromRaw } from "@ropewalk/crypto/verifying-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { orUndefined } from "./foreign-keys.ts";
import type { AgreementKey, FreshKey, MessageCrypto } from "./pure/messages/sealing/message-crypto.ts";

const broadcastDomain = signatureDomain("ropewalk mesh broadcast v1");
const noSalt: Uint8Array = new Uint8Array();

/** Of the identity `key`, which stays the caller's. */
export function createMessageCrypto(key: SigningKey<"ed25519">): MessageCrypto {
  return {
    publicKey: key.verifyingKey.raw(),
    identity: agreementKey(x25519KeyOf(key)),
    generate: () => freshKey(generateX25519Key()),
    restore: (secret) => orUndefined(() => freshKey(x25519KeyFromSeed(new SecretBytes(secret)))),
    agreementKeyOf: (other) => orUndefined(() => x25519PublicKeyOf(verifyingKeyFromRaw("ed25519", other)).raw()),
    sha256,
    sha256Hex,
    hkdf: (secret, info, length) => hkdfSha256(secret, noSalt, info, length),
    seal: sealOnce,
    open: openOnce,
    sign: (message) => sign(key, broadcastDomain, message),
    verify: verifyBroadcast,
    random: (length) => plain(randomBytes(length)),
  };
}

function verifyBroadcast(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return orUndefined(() => verify(verifyingKeyFromRaw("ed25519", key), broadcastDomain, signature, message)) === true;
}

function agreementKey(key: X25519PrivateKey): AgreementKey {
  return {
    publicKey: key.publicKey.raw(),
    agree: (peer) => orUndefined(() => key.agree(x25519PublicKeyFromRaw(peer)).reveal()),
  };
}

function freshKey(key: X25519PrivateKey): FreshKey {
  return { ...agreementKey(key), secret: () => key.seed().reveal() };
}
