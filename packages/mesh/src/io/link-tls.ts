/**
 * What TLS may be on a link: version 1.3, one key exchange, one cipher, one signature algorithm, nothing kept for a resumption; and at
 * both ends a certificate that the node has signed itself, with the one key that it is. Of the peer's certificate nothing counts but
 * that key: whose it is follows from it, and that the peer holds it is what TLS proves.
 */
import { constants, createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { connect, createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { encodePrivateKey } from "@ropewalk/crypto/certificates/private-key-file";
import { issueSelfSigned, serialLength } from "@ropewalk/crypto/certificates/pure/issue-certificate";
import { encodePem } from "@ropewalk/crypto/certificates/pure/pem";
import type { CommonName } from "@ropewalk/crypto/certificates/pure/subject-names";
import { certificateSigner } from "@ropewalk/crypto/certificates/signer";
import { CryptoError } from "@ropewalk/crypto/errors";
import type { SigningKey } from "@ropewalk/crypto/signing-key";
import { verifyingKeyOf } from "@ropewalk/crypto/verifying-key";
import { addressOf, type MeshAddress } from "../pure/mesh-address.ts";

export const linkGroup = "X25519MLKEM768";
export const linkCipher = "TLS_AES_256_GCM_SHA384";
export const linkSignature = "ed25519";
export const linkProtocol = "ropewalk-mesh/1";

/** That it has no end is said so (RFC 5280 §4.1.2.5); nobody looks: a mesh must not depend on clocks. */
const validity = { notBefore: 0, notAfter: Date.UTC(9999, 11, 31, 23, 59, 59) };

export interface LinkIdentity {
  readonly address: MeshAddress;
  readonly context: SecureContext;
}

export function linkIdentity(key: SigningKey<"ed25519">): LinkIdentity {
  const hash = createHash("sha256").update(key.verifyingKey.raw()).digest();
  const address = addressOf(hash);
  // The same at every start: it tells nothing but the key.
  const order = { name: address as string as CommonName, validity, chance: hash.subarray(0, serialLength) };
  using pem = encodePrivateKey(key);
  const octets = pem.reveal();
  const context = createSecureContext({
    cert: encodePem("CERTIFICATE", issueSelfSigned(order, certificateSigner(key))),
    key: Buffer.from(octets.buffer, octets.byteOffset, octets.length),
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    ecdhCurve: linkGroup,
    sigalgs: linkSignature,
    ciphers: linkCipher,
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  return { address, context };
}

/** Who dialled is TLS's client. */
export type LinkDirection = "dialled" | "accepted";

/** `onSecure` is called once, when TLS is done; nothing of the peer has been judged by then. */
export function openTls(
  direction: LinkDirection,
  transport: Duplex,
  secureContext: SecureContext,
  onSecure: () => void,
): TLSSocket {
  if (direction === "dialled") {
    // No server name: it would tell everybody on the way where this node goes. `judgePeer` checks who it is.
    const checkServerIdentity = () => undefined;
    const options = { secureContext, checkServerIdentity, ALPNProtocols: [linkProtocol], rejectUnauthorized: false };
    // Not on "secure", where Node itself still asks the connection things, and throws where it is destroyed meanwhile.
    return connect({ socket: transport, ...options }).once("secureConnect", onSecure);
  }
  // Here `rejectUnauthorized` makes OpenSSL insist on a certificate; Node lets any through that TLS has proved.
  const options = { secureContext, ALPNProtocols: [linkProtocol], requestCert: true, rejectUnauthorized: true };
  return new TLSSocket(transport, { isServer: true, ...options }).once("secure", onSecure);
}

export type LinkRefusal =
  /** It took too long, or the other end, or this one, has cut it off. */
  | { readonly reason: "deadline" | "cut-off" | "aborted" }
  /** In OpenSSL's words, of either end. */
  | { readonly reason: "tls"; readonly detail: string }
  /** TLS came to something else than it may. */
  | { readonly reason: "wrong-terms"; readonly detail: string }
  /** Its certificate has no Ed25519 key, or one that proves nothing. */
  | { readonly reason: "bad-key"; readonly detail: string }
  /** It is this node itself. */
  | { readonly reason: "self" }
  /** It is not who was to be there. */
  | { readonly reason: "wrong-peer"; readonly peer: MeshAddress };

export type PeerVerdict =
  | { readonly kind: "good"; readonly peerKey: Uint8Array; readonly peer: MeshAddress }
  | { readonly kind: "refused"; readonly refusal: LinkRefusal };

/** Who is at the other end of a connection on which TLS is done. `expected`: who it must be. */
export function judgePeer(
  tls: TLSSocket,
  direction: LinkDirection,
  own: MeshAddress,
  expected: MeshAddress | undefined,
): PeerVerdict {
  const terms = wrongTerms(tls, direction);
  if (terms !== undefined) return refused({ reason: "wrong-terms", detail: terms });
  const peerKey = provedKey(tls);
  if (typeof peerKey === "string") return refused({ reason: "bad-key", detail: peerKey });
  const peer = addressOf(createHash("sha256").update(peerKey).digest());
  if (peer === own) return refused({ reason: "self" });
  if (expected !== undefined && peer !== expected) return refused({ reason: "wrong-peer", peer });
  return { kind: "good", peerKey, peer };
}

/** The key, else what is wrong with it. */
function provedKey(tls: TLSSocket): Uint8Array | string {
  const certificate = tls.getPeerX509Certificate();
  if (certificate === undefined) return "no certificate";
  try {
    return verifyingKeyOf(certificate.publicKey, ["ed25519"]).raw();
  } catch (error) {
    if (error instanceof CryptoError) return error.message;
    throw error;
  }
}

/** OpenSSL was offered nothing else; this is so that a change of its mind is seen. */
function wrongTerms(tls: TLSSocket, direction: LinkDirection): string | undefined {
  const { name, version } = tls.getCipher();
  if (version !== "TLSv1.3") return version;
  if (name !== linkCipher) return name;
  if (tls.isSessionReused()) return "a resumed session";
  if (direction === "dialled" && groupOf(tls) !== linkGroup) return groupOf(tls);
  if (tls.alpnProtocol !== linkProtocol) return `protocol ${tls.alpnProtocol || "none"}`;
  return undefined;
}

/** Node tells the group at the client's end only; the server's context knows no other. */
function groupOf(tls: TLSSocket): string {
  const key = tls.getEphemeralKeyInfo();
  return key !== null && "name" in key ? String(key.name) : "none";
}

function refused(refusal: LinkRefusal): PeerVerdict {
  return { kind: "refused", refusal };
}
