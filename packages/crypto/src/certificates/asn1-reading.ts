/** What certificates, requests and revocation lists have in common, as read by @peculiar/asn1-*: names, extensions, times, algorithms. */
import { createHash } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  type AlgorithmIdentifier,
  AuthorityKeyIdentifier,
  type Extension,
  type Name,
  SubjectAlternativeName,
  type SubjectPublicKeyInfo,
  type Time,
} from "@peculiar/asn1-x509";
import { parseIpAddress } from "@ropewalk/kernel/addresses";
import { CryptoError } from "../errors.ts";
import { verifyingKeyFromSpki } from "../verifying-key.ts";
import { invalid } from "./document.ts";
import type { ReadNames } from "./pure/certificate-facts.ts";
import { bitString, sequence } from "./pure/der.ts";
import { oid } from "./pure/object-identifiers.ts";

/** What `read` gives. Whatever a library throws becomes CRYPTO_DOCUMENT_INVALID: its parsers are given what strangers wrote. */
export function checked<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CryptoError) throw cause;
    throw invalid(`${what} cannot be read: it is damaged or cut short`, cause);
  }
}

/**
 * Holds a request or a list to its one encoding: the signed body, the algorithm and the signature, written anew, are the octets that were
 * read, so that nothing follows them and nothing hides between. Throws CRYPTO_DOCUMENT_INVALID.
 */
export function checkWhole(
  der: Uint8Array,
  body: ArrayBuffer | undefined,
  algorithm: AlgorithmIdentifier,
  signature: ArrayBuffer,
): void {
  const parts = [new Uint8Array(body ?? []), new Uint8Array(AsnConvert.serialize(algorithm))];
  const written = sequence(...parts, bitString(new Uint8Array(signature)));
  if (Buffer.compare(written, der) !== 0) throw invalid("it is not written as its kind is, or something follows it");
}

/** Attribute types as RFC 4514 §3 and openssl shorten them. */
const shortNames: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
  "1.2.840.113549.1.9.1": "emailAddress",
};

/** "O=clinic, CN=site a", in the order in which it was written, with the escapes of RFC 4514 §2.4. */
export function nameText(name: Name): string {
  const parts = [...name].map((relative) =>
    [...relative].map(({ type, value }) => `${shortNames[type] ?? type}=${escaped(value.toString())}`).join("+"),
  );
  return parts.join(", ");
}

function escaped(text: string): string {
  return text
    .replace(/[\\,+"<>;=]|^[ #]| $/g, (character) => `\\${character}`)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** By identifier. One that occurs twice is refused (RFC 5280 §4.2). */
export function extensionsOf(list: readonly Extension[]): ReadonlyMap<string, Extension> {
  const byId = new Map(list.map((extension) => [extension.extnID, extension]));
  if (byId.size !== list.length) throw invalid("an extension occurs in it twice");
  return byId;
}

/** Content of an extension, parsed; undefined when it is not there. */
export function extensionValue<T>(extension: Extension | undefined, type: new () => T): T | undefined {
  return extension === undefined ? undefined : AsnConvert.parse(extension.extnValue, type);
}

export function readNames(extension: Extension | undefined): ReadNames {
  const names = [...(extensionValue(extension, SubjectAlternativeName) ?? [])];
  const present = (values: readonly (string | undefined)[]) =>
    values.filter((value) => value !== undefined).map(plainName);
  return {
    dns: present(names.map(({ dNSName }) => dNSName)),
    ip: present(names.map(({ iPAddress }) => iPAddress)).map(canonicalAddress),
    uri: present(names.map(({ uniformResourceIdentifier }) => uniformResourceIdentifier)),
    email: present(names.map(({ rfc822Name }) => rfc822Name)),
  };
}

/** A name that programs compare is printable ASCII (RFC 5280 §4.2.1.6): nothing hides behind a zero. */
function plainName(name: string): string {
  if (!/^[\x21-\x7e]+$/.test(name)) throw invalid("a name in it has characters that no name has");
  return name;
}

function canonicalAddress(text: string): string {
  const address = parseIpAddress(text);
  if (address === undefined) throw invalid("an address in it is neither IPv4 nor IPv6");
  return address;
}

export function readAuthorityKeyIdentifier(extension: Extension | undefined): string | undefined {
  const identifier = extensionValue(extension, AuthorityKeyIdentifier)?.keyIdentifier;
  return identifier === undefined ? undefined : new Uint8Array(identifier.buffer).toHex();
}

/** Milliseconds since 1970. */
export function wallOf(time: Time): number {
  const wall = time.getTime().getTime();
  if (!Number.isFinite(wall)) throw invalid("a time in it is none");
  return wall;
}

/** Hexadecimal, lower case, without zeros in front. */
export function serialText(serial: ArrayBuffer): string {
  return new Uint8Array(serial).toHex().replace(/^0+(?=.)/, "");
}

/** "ml-dsa-65", "p-256", "ed25519"; else the object identifier of the key, or of its curve. */
export function keyAlgorithmOf(info: SubjectPublicKeyInfo): string {
  try {
    return verifyingKeyFromSpki(new Uint8Array(AsnConvert.serialize(info))).algorithm;
  } catch {
    return info.algorithm.algorithm;
  }
}

/** SHA-256, hexadecimal. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}

/** Identifiers of extensions that must be understood and are none of `known`, and those that restrict whether critical or not. */
export function unhandledOf(list: ReadonlyMap<string, Extension>, known: readonly string[]): readonly string[] {
  const restricting: readonly string[] = [oid.nameConstraints, oid.policyConstraints, oid.inhibitAnyPolicy];
  return [...list.values()]
    .filter(({ extnID, critical }) => restricting.includes(extnID) || (critical && !known.includes(extnID)))
    .map(({ extnID }) => extnID);
}
