/** A request for a certificate (PKCS #10, RFC 2986): a key, the names that are asked for, and the proof that the key is held. */
import type { CertificateSigner } from "./certificate-key.ts";
import { explicit, integer, objectIdentifier, sequence, setOf } from "./der.ts";
import { extensions, subjectAltName } from "./extensions.ts";
import { signed } from "./issue-certificate.ts";
import { oid } from "./object-identifiers.ts";
import { type CommonName, distinguishedName, generalNames, type SubjectNames } from "./subject-names.ts";

export interface RequestOrder {
  readonly name: CommonName;
  readonly names: SubjectNames;
  readonly kemPin: Uint8Array | undefined;
}

/** In DER. What it is for, and for how long, is decided by whoever signs it. */
export function createRequest(order: RequestOrder, key: CertificateSigner): Uint8Array {
  const asked = subjectAltName(generalNames(order.names, order.kemPin));
  const attribute = sequence(objectIdentifier(oid.extensionRequest), setOf(extensions(asked)));
  return signed(
    sequence(
      integer(0),
      distinguishedName(order.name),
      key.publicKey,
      explicit(0, asked === undefined ? new Uint8Array() : attribute),
    ),
    key,
  );
}
