/** How an end's own certificate is shown. */
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import { peerIdentity } from "./pure/peer-identity.ts";
import type { IdentityStatus } from "./status.ts";

export function identityStatus(leaf: CertificateFacts): IdentityStatus {
  const { names } = peerIdentity([leaf]);
  return { names, authority: leaf.issuer, until: leaf.notAfter };
}
