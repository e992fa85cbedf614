/** Private keys as files hold them: PKCS#8 in PEM is written, and PEM or DER of PKCS#8 and SEC 1 is read. */
import { createPrivateKey } from "node:crypto";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { CryptoError } from "../errors.ts";
import { checkedKey } from "../key-import.ts";
import { type SigningKey, signingKeyOf } from "../signing-key.ts";
import { type DerReader, documentName, readDocuments } from "./document.ts";
import { encodePem } from "./pure/pem.ts";

/** The octets of a file, which nobody else may read. */
export function encodePrivateKey(key: SigningKey): SecretBytes {
  using der = key.toPkcs8();
  return new SecretBytes(new TextEncoder().encode(encodePem("PRIVATE KEY", der.reveal())));
}

/**
 * The one key in the octets of a file, of any algorithm that signs here; what else is there is named as `told` can tell it. Throws
 * CRYPTO_DOCUMENT_KIND when there is none, CRYPTO_DOCUMENT_INVALID, CRYPTO_KEY_INVALID and CRYPTO_KEY_ALGORITHM.
 */
export function readPrivateKey(bytes: Uint8Array, told: readonly DerReader[] = []): SigningKey {
  const documents = readDocuments(bytes, told);
  const [found, ...more] = documents.filter(({ kind }) => kind === "private-key");
  if (found === undefined) {
    const isEncrypted = documents.some(({ kind }) => kind === "encrypted-key");
    const cure = isEncrypted ? "; decrypt it into a file of mode 0600 first: openssl pkey -in … -out …" : "";
    const what = documents.map(({ kind }) => documentName[kind]).join(", ") || "nothing";
    throw new CryptoError("CRYPTO_DOCUMENT_KIND", `it holds ${what}, and a private key is expected${cure}`);
  }
  if (more.length > 0)
    throw new CryptoError("CRYPTO_DOCUMENT_KIND", `it holds ${more.length + 1} private keys, and one is expected`);
  return signingKeyOf(checkedKey("the private key", () => keyObject(Buffer.from(found.der))));
}

function keyObject(key: Buffer<ArrayBuffer>): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey({ key, format: "der", type: "pkcs8" });
  } catch {
    return createPrivateKey({ key, format: "der", type: "sec1" });
  }
}
