/**
 * A node's identity key as the pure part sees it: announces are signed with it, and what is sealed to it can be opened by its X25519 half
 * (RFC 7748 §4.1). Keys of others are imported at each call: a cache would be filled by whoever makes up keys, for a gain of a twentieth.
 */
import { randomBytes } from "node:crypto";
import { AeadKey, aeadLengths, splitSealed } from "@ropewalk/crypto/aead";
import { x25519KeyOf, x25519PublicKeyOf } from "@ropewalk/crypto/ed25519-points";
import { generateX25519Key, type X25519PrivateKey, x25519PublicKeyFromRaw } from "@ropewalk/crypto/key-agreement";
import { expand, extract } from "@ropewalk/crypto/pure/hkdf";
import { framed, plain, utf8 } from "@ropewalk/crypto/pure/octets";
import { sha384 } from "@ropewalk/crypto/sha384";
import { signatureDomain } from "@ropewalk/crypto/signature-domains";
import { sign, verify } from "@ropewalk/crypto/signatures";
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import { verifyingKeyFromRaw } from "@ropewalk/crypto/verifying-key";
import { writeU32 } from "@ropewalk/kernel/big-endian";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { orUndefined } from "./foreign-keys.ts";
import { addressOfKey } from "./pure/mesh-address.ts";
import type { MeshCrypto } from "./pure/mesh-crypto.ts";
import { announceLengths } from "./pure/wire/announce.ts";
import { isProved } from "./pure/wire/announce-proof.ts";

const announceDomain = signatureDomain("ropewalk mesh announce v1");
const chainLabel = utf8("ropewalk mesh hop chain v1");
const sealLabel = utf8("ropewalk mesh seal v1");
const ephemeralLength = 32;
/** Each key seals once. */
const nonce: Uint8Array = new Uint8Array(aeadLengths.nonce);
const noAad: Uint8Array = new Uint8Array();

/** The identity of `key`, which stays the caller's. */
export function createMeshCrypto(key: SigningKey<"ed25519">): MeshCrypto {
  const publicKey = key.verifyingKey.raw();
  const opening = x25519KeyOf(key);
  const chainSecret = chainSecretOf(key);
  return {
    publicKey,
    address: addressOfKey(publicKey),
    sign: (message) => sign(key, announceDomain, message),
    verify: verifyAnnounce,
    proves: (announce) => isProved({ verify: verifyAnnounce }, announce),
    chainSeed: (epoch, sequence) => chainSeed(chainSecret, epoch, sequence),
    seal,
    open: (sealed) => open(opening, publicKey, sealed),
    random: (length) => plain(randomBytes(length)),
  };
}

function verifyAnnounce(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return orUndefined(() => verify(verifyingKeyFromRaw("ed25519", key), announceDomain, signature, message)) === true;
}

function chainSecretOf(key: SigningKey<"ed25519">): SecretBytes {
  using seed = key.seed();
  return new SecretBytes(extract(sha384, chainLabel, seed.reveal()));
}

function chainSeed(secret: SecretBytes, epoch: number, sequence: number): Uint8Array {
  const which = new Uint8Array(8);
  writeU32(which, 0, epoch);
  writeU32(which, 4, sequence);
  return expand(sha384, secret.reveal(), framed(chainLabel, which), announceLengths.chain);
}

function seal(to: Uint8Array, plaintext: Uint8Array): Uint8Array | undefined {
  return orUndefined(() => {
    const peer = x25519PublicKeyOf(verifyingKeyFromRaw("ed25519", to));
    const ephemeral = generateX25519Key();
    const shown = ephemeral.publicKey.raw();
    using secret = ephemeral.agree(peer);
    const { ciphertext, tag } = sealingKey(secret, shown, to).seal(nonce, noAad, plaintext);
    return joined(shown, ciphertext, tag);
  });
}

function open(opening: X25519PrivateKey, publicKey: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const parts = splitSealed(sealed.subarray(ephemeralLength));
  if (parts === undefined) return undefined;
  const shown = sealed.subarray(0, ephemeralLength);
  return orUndefined(() => {
    using secret = opening.agree(x25519PublicKeyFromRaw(shown));
    return sealingKey(secret, shown, publicKey).open(nonce, noAad, parts);
  });
}

/** Of the secret and of both public keys, so that it is no other pair's (RFC 7748 §6.1 leaves that to who derives). */
function sealingKey(secret: SecretBytes, ephemeral: Uint8Array, to: Uint8Array): AeadKey {
  const key = expand(sha384, extract(sha384, sealLabel, secret.reveal()), framed(ephemeral, to), aeadLengths.key);
  using octets = new SecretBytes(key);
  return new AeadKey("chacha20-poly1305", octets);
}
