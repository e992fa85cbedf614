/**
 * The one key that a node is: an Ed25519 key in a file that nobody else may read, as PKCS#8 in PEM, which OpenSSL knows too, or sealed
 * with a passphrase. It is written whole or not at all.
 */
import { createHash } from "node:crypto";
import { encodePrivateKey, readPrivateKey } from "@ropewalk/crypto/certificates/private-key-file";
import { encodePem, parsePem } from "@ropewalk/crypto/certificates/pure/pem";
import { CryptoError } from "@ropewalk/crypto/errors";
import { type SigningKey, signingKeyFromSeed, signingKeyOf } from "@ropewalk/crypto/signing-key";
import type { VerifyingKey } from "@ropewalk/crypto/verifying-key";
import { verifyingKeyFromRaw } from "@ropewalk/crypto/verifying-key";
import { describeError } from "@ropewalk/kernel/errors";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { readSecretFile, writeSecretFile } from "@ropewalk/ops/secret-file";
import type { WritingOptions } from "@ropewalk/ops/written-files";
import { MeshError } from "../errors.ts";
import { addressOf, type MeshAddress } from "../pure/mesh-address.ts";
import { openIdentity, sealedLabel, sealedPublicKey, sealIdentity } from "./sealed-identity.ts";

/** Octets of a file; a key takes 119, a sealed one 216. */
const longestFile = 16_384;
const seedText = /^[0-9a-f]{64}$/i;

/** What a file says without its passphrase. */
export interface IdentityFacts {
  readonly address: MeshAddress;
  /** 32 octets. */
  readonly publicKey: Uint8Array;
  readonly isSealed: boolean;
}

/** The first 16 octets of the SHA-256 of the public key. */
export function meshAddressOf(publicKey: Uint8Array): MeshAddress {
  return addressOf(createHash("sha256").update(publicKey).digest());
}

/**
 * The key in the file. Throws MESH_IDENTITY where there is none, or it is sealed and the passphrase is another or was not given; and
 * OPS_FILE_* where the file cannot be read or others may read it.
 */
export function readIdentityFile(path: string, passphrase?: SecretBytes): SigningKey<"ed25519"> {
  return reading(path, (octets) => {
    const sealed = sealedIn(octets);
    return sealed === undefined ? keyIn(octets) : opened(sealed, passphrase);
  });
}

/** Whose file it is, without opening it. Throws as `readIdentityFile` does. */
export function readIdentityFacts(path: string): IdentityFacts {
  return reading(path, (octets) => {
    const sealed = sealedIn(octets);
    const publicKey = sealed === undefined ? keyIn(octets).verifyingKey.raw() : shownKey(sealed).raw();
    return { address: meshAddressOf(publicKey), publicKey, isSealed: sealed !== undefined };
  });
}

/** Sealed, where there is a passphrase. Throws OPS_FILE_EXISTS unless it may overwrite, OPS_FILE_FULL, _UNWRITABLE and _NOT_REGULAR. */
export function writeIdentityFile(
  path: string,
  key: SigningKey<"ed25519">,
  options: WritingOptions & { readonly passphrase?: SecretBytes | undefined },
): void {
  const { passphrase } = options;
  using octets =
    passphrase === undefined
      ? encodePrivateKey(key)
      : new SecretBytes(new TextEncoder().encode(encodePem(sealedLabel, sealIdentity(key, passphrase))));
  writeSecretFile(path, octets.reveal(), options);
}

/** The first line of a file that nobody else may read. Throws MESH_IDENTITY where it is empty, and OPS_FILE_*. */
export function readPassphraseFile(path: string): SecretBytes {
  const octets = readSecretFile(path, longestFile);
  const end = octets.findIndex((octet) => octet === 0x0a || octet === 0x0d);
  const passphrase = octets.slice(0, end === -1 ? octets.length : end);
  octets.fill(0);
  if (passphrase.length > 0) return new SecretBytes(passphrase);
  throw new MeshError("MESH_IDENTITY", `${path}: its first line is empty, and a passphrase is expected there`);
}

function reading<T>(path: string, read: (octets: Uint8Array) => T): T {
  const octets = readSecretFile(path, longestFile);
  try {
    return read(octets);
  } catch (cause) {
    if (!(cause instanceof CryptoError) && !(cause instanceof MeshError)) throw cause;
    const text = describeError(cause);
    throw new MeshError("MESH_IDENTITY", `${path}: ${text}`, { cause });
  } finally {
    octets.fill(0);
  }
}

/** What is sealed in the file; undefined where nothing is. */
function sealedIn(octets: Uint8Array): Uint8Array | undefined {
  const pem = parsePem(new TextDecoder("latin1").decode(octets));
  const blocks = pem.kind === "blocks" ? pem.blocks : [];
  const [found, ...more] = blocks.filter(({ label }) => label === sealedLabel);
  if (more.length > 0) throw new MeshError("MESH_IDENTITY", "it holds several identities, and one is expected");
  return found?.der;
}

/** Of PEM or DER, else of 64 hexadecimal digits, as other programs keep a seed. */
function keyIn(octets: Uint8Array): SigningKey<"ed25519"> {
  const text = new TextDecoder("latin1").decode(octets).trim();
  if (seedText.test(text)) {
    using seed = new SecretBytes(Uint8Array.fromHex(text));
    return signingKeyFromSeed("ed25519", seed);
  }
  return signingKeyOf(readPrivateKey(octets).privateKeyObject(), ["ed25519"]);
}

function shownKey(sealed: Uint8Array): VerifyingKey<"ed25519"> {
  const publicKey = sealedPublicKey(sealed);
  if (publicKey === undefined) throw damaged();
  return verifyingKeyFromRaw("ed25519", publicKey);
}

function opened(sealed: Uint8Array, passphrase: SecretBytes | undefined): SigningKey<"ed25519"> {
  if (sealedPublicKey(sealed) === undefined) throw damaged();
  if (passphrase === undefined)
    throw new MeshError("MESH_IDENTITY", "it is sealed with a passphrase; give the file that holds it");
  const result = openIdentity(sealed, passphrase);
  switch (result.kind) {
    case "malformed":
      throw damaged();
    case "another-passphrase":
      throw new MeshError("MESH_IDENTITY", "it was sealed with another passphrase, or is damaged");
    case "opened":
      return result.key;
  }
}

function damaged(): MeshError {
  return new MeshError("MESH_IDENTITY", "the sealed identity is damaged, or of a newer version of Ropewalk");
}
