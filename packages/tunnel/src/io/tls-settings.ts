/**
 * What TLS may be in a tunnel: version 1.3, one key exchange, one cipher, one signature algorithm, nothing kept for a later
 * resumption. There is no substitute for any of them, so there is nothing to be talked down to.
 */
import { constants } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { encodePem } from "@ropewalk/crypto/certificates/pure/pem";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";

export const tlsGroup = "X25519MLKEM768";
export const tlsCipher = "TLS_AES_256_GCM_SHA384";
export const tlsSignature = "mldsa65";
export const tlsProtocol = "ropewalk-tunnel/1";
/** RFC 8446 §7.5; the context is empty. */
export const exporterLabel = "EXPORTER-Ropewalk-tunnel-v1";
export const exporterLength = 48;

export interface TlsCredentials {
  /** The leaf first. */
  readonly chain: readonly CertificateFacts[];
  /** PEM. */
  readonly key: SecretBytes;
  /** No other CA is trusted, the system's neither. One that another has signed is trusted without that one. */
  readonly authorities: readonly CertificateFacts[];
}

export function tlsContext({ chain, key, authorities }: TlsCredentials): SecureContext {
  const pem = ({ der }: CertificateFacts) => encodePem("CERTIFICATE", der);
  return createSecureContext({
    cert: shownChain(chain, authorities).map(pem).join(""),
    key: Buffer.from(key.reveal().buffer, key.reveal().byteOffset, key.length),
    ca: authorities.map(pem),
    allowPartialTrustChain: true,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    ecdhCurve: tlsGroup,
    sigalgs: tlsSignature,
    ciphers: tlsCipher,
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
}

/** With a leaf alone OpenSSL would look for its CA in every handshake, check that it signed the leaf, and send it too. */
function shownChain(
  chain: readonly CertificateFacts[],
  authorities: readonly CertificateFacts[],
): readonly CertificateFacts[] {
  const [leaf, ...intermediates] = chain;
  if (leaf === undefined || intermediates.length > 0) return chain;
  const signer = authorities.find(({ subject }) => subject === leaf.issuer);
  return signer === undefined ? chain : [leaf, signer];
}
