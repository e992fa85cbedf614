/**
 * What is in a file of keys and certificates: PEM or DER, one thing or many, each with what it is. Nothing here decides whether it
 * is good, and no message holds anything of a key.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { CryptoError } from "../errors.ts";
import { parsePem } from "./pure/pem.ts";

export type DocumentKind =
  | "certificate"
  | "request"
  | "crl"
  | "private-key"
  | "encrypted-key"
  | "kem-key"
  | "public-key";

export interface Document {
  readonly kind: DocumentKind;
  readonly der: Uint8Array;
}

export const kemKeyLabel = "ROPEWALK MCELIECE460896 PRIVATE KEY";

const kindOfLabel: Readonly<Record<string, DocumentKind>> = {
  CERTIFICATE: "certificate",
  "X509 CERTIFICATE": "certificate",
  "CERTIFICATE REQUEST": "request",
  "NEW CERTIFICATE REQUEST": "request",
  "X509 CRL": "crl",
  "PRIVATE KEY": "private-key",
  "EC PRIVATE KEY": "private-key",
  "ENCRYPTED PRIVATE KEY": "encrypted-key",
  "PUBLIC KEY": "public-key",
  [kemKeyLabel]: "kem-key",
};

/** How each kind is called in messages. */
export const documentName: Readonly<Record<DocumentKind, string>> = {
  certificate: "a certificate",
  request: "a certificate request",
  crl: "a revocation list",
  "private-key": "a private key",
  "encrypted-key": "an encrypted private key",
  "kem-key": "a McEliece key",
  "public-key": "a public key",
};

/** Tells a kind by being able to read it: throws at everything else. */
export type DerReader = readonly [kind: DocumentKind, read: (der: Buffer<ArrayBuffer>) => unknown];

/** Things in one file. */
const most = 256;

/**
 * Everything in `bytes`, in order, at least one. DER has no label: of it only what Node reads is told, and what `more` reads
 * (`asn1-readers.ts`). Throws CRYPTO_DOCUMENT_INVALID and CRYPTO_DOCUMENT_KIND.
 */
export function readDocuments(bytes: Uint8Array, more: readonly DerReader[] = []): readonly Document[] {
  if (bytes.length === 0) throw invalid("it is empty");
  const pem = parsePem(new TextDecoder("latin1").decode(bytes));
  switch (pem.kind) {
    case "faulty":
      throw invalid(pem.text);
    case "none":
      return [readDer(bytes, [...readers, ...more])];
    case "blocks":
      if (pem.blocks.length > most) throw invalid(`it holds ${pem.blocks.length} things, and ${most} at most are read`);
      // What `openssl ecparam` writes before a key says nothing that the key does not.
      return pem.blocks
        .filter(({ label }) => label !== "EC PARAMETERS")
        .map(({ label, der }) => ({ kind: kindOf(label), der }));
  }
}

/** Those of one kind, at least one; everything else is named and refused. */
export function readDocumentsOf(
  kind: DocumentKind,
  bytes: Uint8Array,
  more: readonly DerReader[] = [],
): readonly Uint8Array[] {
  const documents = readDocuments(bytes, more);
  const other = documents.find((each) => each.kind !== kind);
  if (other !== undefined) {
    throw new CryptoError(
      "CRYPTO_DOCUMENT_KIND",
      `it holds ${documentName[other.kind]}, and ${documentName[kind]} is expected`,
    );
  }
  return documents.map(({ der }) => der);
}

export function invalid(text: string, cause?: unknown): CryptoError {
  return new CryptoError("CRYPTO_DOCUMENT_INVALID", text, { cause });
}

function kindOf(label: string): DocumentKind {
  const kind = kindOfLabel[label];
  if (kind === undefined)
    throw new CryptoError(
      "CRYPTO_DOCUMENT_KIND",
      `it holds a block "${label}", which is nothing that can be used here`,
    );
  return kind;
}

/** It is what can read it. */
function readDer(der: Uint8Array, known: readonly DerReader[]): Document {
  const kind =
    der[0] === sequenceTag ? known.find(([, read]) => doesNotThrow(() => read(Buffer.from(der))))?.[0] : undefined;
  if (kind !== undefined) return { kind, der };
  const names = [...new Set(known.map(([each]) => documentName[each]))].join(", ");
  throw invalid(`it is neither PEM nor DER of any of these: ${names}. It is damaged, cut short, or something else`);
}

/** Everything of these kinds begins with it. */
const sequenceTag = 0x30;

const readers: readonly DerReader[] = [
  ["certificate", (der) => new X509Certificate(der)],
  ["private-key", (key) => createPrivateKey({ key, format: "der", type: "pkcs8" })],
  ["private-key", (key) => createPrivateKey({ key, format: "der", type: "sec1" })],
  ["public-key", (key) => createPublicKey({ key, format: "der", type: "spki" })],
];

function doesNotThrow(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
