/** OpenSSL's words for what is wrong with a peer, translated once, here. */
import type { CertificateFault } from "../pure/handshake/failure.ts";
import type { RefusalReason } from "../pure/refusal.ts";

/** Codes of `authorizationError`. Source: X509_verify_cert_error_string(3ossl), as Node names them. */
const certificateFaults: Readonly<Record<string, CertificateFault>> = {
  UNABLE_TO_GET_ISSUER_CERT: "unknown-authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknown-authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknown-authority",
  SELF_SIGNED_CERT_IN_CHAIN: "unknown-authority",
  CERT_UNTRUSTED: "unknown-authority",
  CERT_REJECTED: "wrong-role",
  INVALID_PURPOSE: "wrong-role",
  DEPTH_ZERO_SELF_SIGNED_CERT: "self-signed",
  CERT_SIGNATURE_FAILURE: "bad-signature",
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  INVALID_CA: "not-a-ca",
  PATH_LENGTH_EXCEEDED: "not-a-ca",
  CERT_CHAIN_TOO_LONG: "not-a-ca",
};

/** Codes of errors that a TLS connection ends with: what OpenSSL found, or the alert that the other end sent (RFC 8446 §6). */
const connectionFaults: readonly (readonly [pattern: RegExp, reason: RefusalReason])[] = [
  [/UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|VERSION_TOO_LOW|WRONG_SSL_VERSION/, "wrong-version"],
  [/NO_SUITABLE_KEY_SHARE|NO_SHARED_GROUP|NO_SUITABLE_GROUPS|BAD_KEY_SHARE|WRONG_CURVE/, "wrong-group"],
  [/NO_SHARED_CIPHER|WRONG_CIPHER_RETURNED|UNKNOWN_CIPHER_RETURNED/, "wrong-cipher"],
  [/SIGNATURE_ALGORITHM|WRONG_SIGNATURE_TYPE|UNSUPPORTED_CERTIFICATE/, "wrong-signature"],
  [/NO_APPLICATION_PROTOCOL/, "wrong-protocol"],
  [/CERTIFICATE_REQUIRED|DID_NOT_RETURN_A_CERTIFICATE/, "no-certificate"],
  // Of the alert, its sender alone knows what it means.
  [/ALERT_HANDSHAKE_FAILURE|ALERT_INSUFFICIENT_SECURITY/, "nothing-in-common"],
  [/UNKNOWN_CA/, "unknown-authority"],
  // The first of two is what OpenSSL says of a handshake that was not signed by the key of the certificate that was shown.
  [/PROVIDER_SIGNATURE_FAILURE|BAD_SIGNATURE|DECRYPT_ERROR/, "bad-signature"],
  [/DECRYPTION_FAILED|BAD_RECORD_MAC/, "finished-mismatch"],
  [/EXCESSIVE_MESSAGE_SIZE|DATA_LENGTH_TOO_LONG/, "oversize"],
  [/ECONNRESET|EPIPE|ECONNABORTED|UNEXPECTED_EOF/, "cut-off"],
];

export function certificateFault(code: string): CertificateFault {
  return certificateFaults[code] ?? "bad-certificate";
}

/** `by` is "peer" when the other end sent an alert: it found the fault, and this is what it says of it. */
export function connectionFault(error: unknown): { readonly by: "us" | "peer"; readonly reason: RefusalReason } {
  const { code = "", message = "" } = error as { readonly code?: string; readonly message?: string };
  const found = connectionFaults.find(([pattern]) => pattern.test(code));
  return {
    by: /ALERT/.test(code) || /alert number/.test(message) ? "peer" : "us",
    reason: found?.[1] ?? "malformed-message",
  };
}
