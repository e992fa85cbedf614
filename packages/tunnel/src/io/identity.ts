/**
 * Who this end is and whom it trusts, read from files and checked before anything uses it. Only the handshake thread has the keys;
 * what the other thread may know of an identity are its facts.
 */
import { createHash, X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import { asn1Readers } from "@ropewalk/crypto/certificates/asn1-readers";
import { readKemKey } from "@ropewalk/crypto/certificates/kem-key-file";
import { encodePrivateKey, readPrivateKey } from "@ropewalk/crypto/certificates/private-key-file";
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { readCertificates } from "@ropewalk/crypto/certificates/read-certificate";
import { readCrls } from "@ropewalk/crypto/certificates/read-crl";
import { areEqual } from "@ropewalk/crypto/constant-time";
import type { McElieceKeyPair } from "@ropewalk/crypto/mceliece/keys";
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import { describeError } from "@ropewalk/kernel/errors";
import { readPublicFile, readSecretFile } from "@ropewalk/ops/secret-file";
import { TunnelError } from "../errors.ts";
import type { Role } from "../pure/handshake/message.ts";
import { judgePeer, type Trust } from "./peer-verdict.ts";
import { tlsContext } from "./tls-settings.ts";

export interface IdentityFiles {
  /** PEM or DER; the leaf first, then what leads to the CA. */
  readonly certificate: string;
  readonly key: string;
  /** Undefined outside mode hybrid. */
  readonly kemKey: string | undefined;
  readonly authorities: readonly string[];
  /** Where there is one, there must be one of every CA. */
  readonly revocationLists: readonly string[];
}

/** What may be told of an identity. */
export interface IdentityFacts {
  readonly leaf: CertificateFacts;
  /** What is shown with it. */
  readonly intermediates: readonly CertificateFacts[];
  readonly trust: Trust;
  /** Whether there is a McEliece key. */
  readonly hasKemKey: boolean;
  /** SHA-256 of all files together, hexadecimal: another one where anything has changed. */
  readonly digest: string;
}

export interface Identity {
  readonly facts: IdentityFacts;
  readonly context: SecureContext;
  readonly kem: McElieceKeyPair | undefined;
}

/** Throws TunnelError: TUNNEL_IDENTITY. */
export function loadIdentity(files: IdentityFiles): Identity {
  const digest = createHash("sha256");
  const read = <T>(path: string, octets: (path: string) => Uint8Array, parse: (octets: Uint8Array) => T): T =>
    explained(path, () => {
      const content = octets(path);
      digest.update(createHash("sha256").update(content).digest());
      return parse(content);
    });
  const [leaf, ...intermediates] = read(files.certificate, readPublicFile, readCertificates);
  if (leaf === undefined) throw unusable(files.certificate, "it holds no certificate");
  const key = read(files.key, readSecretFile, (octets) => erasing(octets, () => readPrivateKey(octets, asn1Readers)));
  checkKey(files, leaf, key);
  const kem =
    files.kemKey === undefined
      ? undefined
      : read(files.kemKey, readSecretFile, (octets) => erasing(octets, () => readKemKey(octets)));
  checkPin(files, leaf, kem);
  const authorities = files.authorities.flatMap((path) => read(path, readPublicFile, readCertificates));
  const crls = files.revocationLists.flatMap((path) => read(path, readPublicFile, readCrls));
  const trust = { authorities, crls, demandsCrl: files.revocationLists.length > 0 };
  const context = explained(files.certificate, () => {
    using pem = encodePrivateKey(key);
    return tlsContext({ chain: [leaf, ...intermediates], key: pem, authorities });
  });
  return {
    facts: { leaf, intermediates, trust, hasKemKey: kem !== undefined, digest: digest.digest("hex") },
    context,
    kem,
  };
}

/** Whether a peer with the same CAs would accept it now. Throws TunnelError: TUNNEL_IDENTITY. */
export function checkFitness({ facts }: Identity, role: Role, now: number): void {
  const { leaf, intermediates, trust } = facts;
  const verdict = judgePeer({ role, leaf, intermediates }, { ...trust, crls: [], demandsCrl: false }, undefined, now);
  if (verdict.kind === "good") return;
  throw new TunnelError("TUNNEL_IDENTITY", verdict.refusal.text ?? verdict.refusal.reason);
}

function checkKey({ certificate, key: keyFile }: IdentityFiles, leaf: CertificateFacts, key: SigningKey): void {
  if (leaf.keyAlgorithm !== "ml-dsa-65") {
    const advice = "a tunnel's is of ML-DSA-65; have one issued: ropewalk cert server, or client";
    throw unusable(certificate, `its key is of ${leaf.keyAlgorithm}, and ${advice}`);
  }
  if (!new X509Certificate(Buffer.from(leaf.der)).checkPrivateKey(key.privateKeyObject()))
    throw unusable(
      keyFile,
      `it is not the key of the certificate in ${certificate}; give the two that belong together`,
    );
}

function checkPin({ certificate, kemKey }: IdentityFiles, { kemPin }: CertificateFacts, kem?: McElieceKeyPair): void {
  if (kem === undefined || kemKey === undefined) return;
  if (kemPin === undefined)
    throw unusable(certificate, `it names no McEliece key; issue it with --out-kem-key ${kemKey}`);
  if (!areEqual(kemPin, kem.publicKey.sha384))
    throw unusable(kemKey, `it is not the McEliece key that the certificate in ${certificate} names`);
}

function explained<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    // All that led to it is in the message, for this crosses to another thread; what reads files names them already.
    const reason = describeError(error);
    throw new TunnelError("TUNNEL_IDENTITY", reason.startsWith(path) ? reason : `${path}: ${reason}`);
  }
}

function erasing<T>(octets: Uint8Array, act: () => T): T {
  try {
    return act();
  } finally {
    octets.fill(0);
  }
}

function unusable(path: string, reason: string): TunnelError {
  return new TunnelError("TUNNEL_IDENTITY", `${path}: ${reason}`);
}
