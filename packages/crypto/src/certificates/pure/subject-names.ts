/** Whom a certificate is for: a name for people, and names that programs compare. Each is checked once, here, before it is signed. */
import { type IpAddress, ipAddressBytes, parseIpAddress } from "@ropewalk/kernel/addresses";
import { joined } from "@ropewalk/kernel/bytes";
import type { Branded } from "@ropewalk/kernel/units";
import { ascii, implicit, objectIdentifier, sequence, setOf, utf8String } from "./der.ts";
import { encodeKemPin, kemPinPrefix } from "./kem-pin.ts";
import { oid } from "./object-identifiers.ts";

/** One to 64 characters, none of them a control character (RFC 5280 appendix A: ub-common-name). */
export type CommonName = Branded<string, "CommonName">;
/** In lower case, of letters, digits and hyphens; no wildcard. */
export type DnsName = Branded<string, "DnsName">;
/** Absolute, ASCII, and no pin of a key. */
export type UriName = Branded<string, "UriName">;
export type EmailName = Branded<string, "EmailName">;

export interface SubjectNames {
  readonly dns: readonly DnsName[];
  readonly ip: readonly IpAddress[];
  readonly uri: readonly UriName[];
  readonly email: readonly EmailName[];
}

export const noNames: SubjectNames = { dns: [], ip: [], uri: [], email: [] };

export function hasNames({ dns, ip, uri, email }: SubjectNames): boolean {
  return dns.length + ip.length + uri.length + email.length > 0;
}

export function parseCommonName(text: string): CommonName | undefined {
  const isName = text.trim() === text && text.isWellFormed() && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);
  return isName && text !== "" && [...text].length <= 64 ? (text as CommonName) : undefined;
}

/** RFC 1123 §2.1; a name of digits and dots alone is an address that went wrong. */
export function parseDnsName(text: string): DnsName | undefined {
  const name = text.toLowerCase();
  const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  if (name.length > 253 || !new RegExp(`^${label}(?:\\.${label})*$`).test(name)) return undefined;
  return /^[\d.]+$/.test(name) ? undefined : (name as DnsName);
}

export function parseIpName(text: string): IpAddress | undefined {
  return parseIpAddress(text);
}

/** RFC 3986 §3: a scheme, a colon and something behind it, with no character that must be escaped. */
export function parseUriName(text: string): UriName | undefined {
  const isUri = text.length <= 2_048 && /^[a-z][a-z0-9+.-]*:[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/i.test(text);
  return isUri && !text.toLowerCase().startsWith(kemPinPrefix) ? (text as UriName) : undefined;
}

export function parseEmailName(text: string): EmailName | undefined {
  const [, domain] = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@([^@]+)$/.exec(text) ?? [];
  return domain === undefined || parseDnsName(domain) === undefined ? undefined : (text as EmailName);
}

/** A distinguished name that is one common name (RFC 5280 §4.1.2.4). */
export function distinguishedName(name: CommonName): Uint8Array {
  return sequence(setOf(sequence(objectIdentifier(oid.commonName), utf8String(name))));
}

/** GeneralNames (RFC 5280 §4.2.1.6), a pinned key among them as a URI. Undefined when there are none. */
export function generalNames(names: SubjectNames, kemPin: Uint8Array | undefined): Uint8Array | undefined {
  const uris = kemPin === undefined ? names.uri : [...names.uri, encodeKemPin(kemPin)];
  const entries = [
    ...names.email.map((name) => implicit(1, ascii(name))),
    ...names.dns.map((name) => implicit(2, ascii(name))),
    ...uris.map((name) => implicit(6, ascii(name))),
    ...names.ip.map((address) => implicit(7, ipAddressBytes(address))),
  ];
  return entries.length === 0 ? undefined : sequence(joined(...entries));
}
