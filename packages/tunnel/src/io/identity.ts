/** Who this end is: its certificate, its key and whom it trusts, read from files and checked before anything uses them. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SecureContext } from "node:tls";
import { describeError } from "@ropewalk/kernel/errors";
import { TunnelError } from "../errors.ts";
import { tlsContext } from "./tls-settings.ts";

export interface IdentityFiles {
  /** The leaf first, then what leads to the CA. */
  readonly certificate: string;
  readonly key: string;
  readonly authorities: readonly string[];
}

/** What may be told of an identity. */
export interface IdentityFacts {
  readonly subject: string;
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Identity {
  readonly facts: IdentityFacts;
  /** The leaf, as DER. */
  readonly leaf: Uint8Array;
  readonly context: SecureContext;
}

/** Throws TunnelError: TUNNEL_IDENTITY. */
export function loadIdentity(files: IdentityFiles): Identity {
  const certificate = readText("certificate", files.certificate);
  const key = readText("key", files.key);
  const authorities = files.authorities.map((file) => readText("CA", file));
  try {
    const leaf = new X509Certificate(certificate);
    if (!leaf.checkPrivateKey(createPrivateKey(key))) throw new Error("the key is not the certificate's");
    const facts = {
      subject: leaf.subject,
      fingerprint: leaf.fingerprint256.replaceAll(":", "").toLowerCase(),
      notBefore: leaf.validFromDate.getTime(),
      notAfter: leaf.validToDate.getTime(),
    };
    return { facts, leaf: new Uint8Array(leaf.raw), context: tlsContext({ certificate, key, authorities }) };
  } catch (error) {
    throw new TunnelError(
      "TUNNEL_IDENTITY",
      `${files.certificate} and ${files.key} cannot be used: ${describeError(error)}`,
    );
  }
}

function readText(what: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new TunnelError("TUNNEL_IDENTITY", `the ${what} ${file} cannot be read; put it there`, { cause: error });
  }
}
