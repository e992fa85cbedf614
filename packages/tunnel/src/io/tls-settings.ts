/**
 * What TLS may be in a tunnel: version 1.3, one key exchange, one cipher, one signature algorithm, nothing kept for a later
 * resumption. There is no substitute for any of them, so there is nothing to be talked down to.
 */
import { constants } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";

export const tlsGroup = "X25519MLKEM768";
export const tlsCipher = "TLS_AES_256_GCM_SHA384";
export const tlsSignature = "mldsa65";
export const tlsProtocol = "ropewalk-tunnel/1";
/** RFC 8446 §7.5; the context is empty. */
export const exporterLabel = "EXPORTER-Ropewalk-tunnel-v1";
export const exporterLength = 48;

export interface TlsCredentials {
  /** PEM, the leaf first. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly key: string;
  /** PEM, one each. No other CA is trusted, the system's neither. */
  readonly authorities: readonly string[];
}

export function tlsContext({ certificate, key, authorities }: TlsCredentials): SecureContext {
  return createSecureContext({
    cert: certificate,
    key,
    ca: [...authorities],
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    ecdhCurve: tlsGroup,
    sigalgs: tlsSignature,
    ciphers: tlsCipher,
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
}
