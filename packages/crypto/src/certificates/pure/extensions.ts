/** The extensions that certificates, requests and revocation lists of ours carry (RFC 5280 §4.2, §5.2). */
import { joined } from "@ropewalk/kernel/bytes";
import { boolean, implicit, integer, namedBits, objectIdentifier, octetString, sequence } from "./der.ts";
import { oid } from "./object-identifiers.ts";

/** What a certificate of an end of a connection is good for. */
export type CertificateRole = "server" | "client";

/** `both`: it listens to some and connects to others, and is one and the same to all. */
export type LeafPurpose = CertificateRole | "both";

/** Positions in KeyUsage (RFC 5280 §4.2.1.3). */
const keyUsageBit = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;

const purposeOids: Readonly<Record<LeafPurpose, readonly string[]>> = {
  server: [oid.serverAuth],
  client: [oid.clientAuth],
  both: [oid.serverAuth, oid.clientAuth],
};

export function extensions(...list: readonly (Uint8Array | undefined)[]): Uint8Array {
  return sequence(...list.filter((each) => each !== undefined));
}

/** `pathLength` is how many CAs may stand between this one and the end of a chain; undefined for any number. */
export function authorityConstraints(pathLength: number | undefined): Uint8Array {
  const limit = pathLength === undefined ? [] : [integer(pathLength)];
  return extension(oid.basicConstraints, "critical", sequence(boolean(true), ...limit));
}

/** No authority: DER leaves out what is the default. */
export function leafConstraints(): Uint8Array {
  return extension(oid.basicConstraints, "critical", sequence());
}

export function keyUsage(...usages: readonly (keyof typeof keyUsageBit)[]): Uint8Array {
  return extension(oid.keyUsage, "critical", namedBits(usages.map((usage) => keyUsageBit[usage])));
}

export function extendedKeyUsage(purpose: LeafPurpose): Uint8Array {
  return extension(oid.extKeyUsage, "usual", sequence(...purposeOids[purpose].map(objectIdentifier)));
}

export function subjectKeyIdentifier(identifier: Uint8Array): Uint8Array {
  return extension(oid.subjectKeyIdentifier, "usual", octetString(identifier));
}

export function authorityKeyIdentifier(identifier: Uint8Array): Uint8Array {
  return extension(oid.authorityKeyIdentifier, "usual", sequence(implicit(0, identifier)));
}

/** `names` as `generalNames` gives them; undefined gives no extension. */
export function subjectAltName(names: Uint8Array | undefined): Uint8Array | undefined {
  return names === undefined ? undefined : extension(oid.subjectAltName, "usual", names);
}

export function crlNumber(number: bigint): Uint8Array {
  return extension(oid.cRLNumber, "usual", integer(number));
}

function extension(id: string, weight: "critical" | "usual", value: Uint8Array): Uint8Array {
  const isCritical = weight === "critical" ? boolean(true) : new Uint8Array();
  return sequence(joined(objectIdentifier(id), isCritical, octetString(value)));
}
