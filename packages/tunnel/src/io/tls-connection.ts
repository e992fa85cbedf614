/**
 * One TLS connection at either end, from its first octet to the moment when all that was negotiated has been held against what
 * is allowed. Node is told not to refuse by itself: it would cut the connection, and the other end would never learn why.
 */
import type { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import { connect, type SecureContext, TLSSocket } from "node:tls";
import { InternalError } from "@ropewalk/kernel/errors";
import type { CertificateFault } from "../pure/handshake/failure.ts";
import type { Role } from "../pure/handshake/message.ts";
import type { Refusal, RefusalReason } from "../pure/refusal.ts";
import { certificateFault } from "./openssl-refusal.ts";
import type { Negotiated } from "./thread-messages.ts";
import { tlsCipher, tlsGroup, tlsProtocol, tlsSignature } from "./tls-settings.ts";

/** A source is TLS's client. `onSecure` is called once, when TLS is done; nothing of the peer has been judged by then. */
export function openTls(role: Role, transport: Duplex, secureContext: SecureContext, onSecure: () => void): TLSSocket {
  if (role === "source") {
    // No server name: it would tell every listener on the way where this source goes. `judgeTls` and its caller check names.
    const checkServerIdentity = () => undefined;
    const options = { secureContext, checkServerIdentity, ALPNProtocols: [tlsProtocol], rejectUnauthorized: false };
    // Before Node's own listener, which reads the certificate once more for `checkServerIdentity`.
    return connect({ socket: transport, ...options }).prependOnceListener("secure", onSecure);
  }
  // Here `rejectUnauthorized` makes OpenSSL insist on a certificate; what it thinks of it is `judgeTls`'s to ask.
  const options = { secureContext, ALPNProtocols: [tlsProtocol], requestCert: true, rejectUnauthorized: true };
  return new TLSSocket(transport, { isServer: true, ...options }).once("secure", onSecure);
}

export type TlsVerdict =
  | {
      readonly kind: "good";
      readonly certificate: X509Certificate;
      /** What OpenSSL holds against it. */
      readonly fault: CertificateFault | undefined;
    }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** Whether TLS came to what it may come to, and what OpenSSL thinks of the peer's certificate. */
export function judgeTls(tls: TLSSocket, role: Role): TlsVerdict {
  const { name: cipher, version } = tls.getCipher();
  const protocol = tls.alpnProtocol === false ? "none" : (tls.alpnProtocol ?? "none");
  const certificate = tls.getPeerX509Certificate();
  if (tls.isSessionReused()) return refused("resumed", "");
  if (version !== "TLSv1.3") return refused("wrong-version", version);
  if (cipher !== tlsCipher) return refused("wrong-cipher", cipher);
  if (role === "source" && groupOf(tls) !== tlsGroup) return refused("wrong-group", groupOf(tls));
  if (protocol !== tlsProtocol) return refused("wrong-protocol", protocol);
  if (certificate === undefined) return refused("no-certificate", "");
  const fault = opensslFault(tls);
  return { kind: "good", certificate, fault: fault === undefined ? undefined : certificateFault(fault) };
}

/** Of a connection that `judgeTls` found good. */
export function negotiatedBy(tls: TLSSocket): Negotiated {
  const { name: cipher, version: tlsVersion } = tls.getCipher();
  return { tlsVersion, group: tlsGroup, cipher, signature: tlsSignature, protocol: tlsProtocol };
}

/** Node tells the group at the client's end only; the server's context knows no other. */
function groupOf(tls: TLSSocket): string {
  const key = tls.getEphemeralKeyInfo();
  return key !== null && "name" in key ? String(key.name) : "none";
}

/** `authorized` is set by a `tls.Server` only, and at a source too late: this asks for OpenSSL's verdict itself. */
function opensslFault(tls: TLSSocket): string | undefined {
  const { _handle } = tls as unknown as { readonly _handle?: { verifyError?(): { readonly code?: string } | null } };
  if (_handle?.verifyError === undefined)
    throw new InternalError("this version of Node does not say what OpenSSL thinks of a certificate");
  const error = _handle.verifyError();
  return error === null || error === undefined ? undefined : (error.code ?? "UNSPECIFIED");
}

function refused(reason: RefusalReason, detail: string): TlsVerdict {
  return { kind: "refused", refusal: { by: "us", reason, detail } };
}
