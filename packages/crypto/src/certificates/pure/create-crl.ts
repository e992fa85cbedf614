/** Revocation lists (RFC 5280 §5): the serials that a CA does not stand by any more, until its next list. */
import { joined } from "@ropewalk/kernel/bytes";
import { signatureAlgorithm } from "./certificate-key.ts";
import { explicit, integer, sequence, time, unsignedInteger } from "./der.ts";
import { authorityKeyIdentifier, crlNumber, extensions } from "./extensions.ts";
import { type Issuer, signed } from "./issue-certificate.ts";

export interface Revocation {
  /** Of the certificate, in lower-case hexadecimal. */
  readonly serial: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface CrlOrder {
  readonly revoked: readonly Revocation[];
  /** Larger than that of every list before. */
  readonly number: bigint;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  /** Until when the list may be relied upon. */
  readonly nextUpdate: number;
}

/** In DER. */
export function createCrl(order: CrlOrder, issuer: Issuer): Uint8Array {
  const entries = order.revoked.map(({ serial, at }) => sequence(unsignedInteger(serialOctets(serial)), time(at)));
  const body = sequence(
    // Version 2 (RFC 5280 §5.1.2.1).
    integer(1),
    signatureAlgorithm(issuer.key.algorithm),
    issuer.name,
    time(order.thisUpdate),
    time(order.nextUpdate),
    // A list of none is left out (§5.1.2.6).
    entries.length === 0 ? new Uint8Array() : sequence(joined(...entries)),
    explicit(0, extensions(authorityKeyIdentifier(issuer.key.identifier), crlNumber(order.number))),
  );
  return signed(body, issuer.key);
}

/** Both lists as one, each serial once and with its first date. */
export function mergeRevocations(before: readonly Revocation[], added: readonly Revocation[]): readonly Revocation[] {
  const bySerial = new Map<string, Revocation>();
  for (const revocation of [...before, ...added]) {
    if (!bySerial.has(revocation.serial)) bySerial.set(revocation.serial, revocation);
  }
  return [...bySerial.values()];
}

/** A serial as facts have it: lower case, without colons, zeros in front or a sign. Undefined when it is none. */
export function parseSerial(text: string): string | undefined {
  const digits = text
    .toLowerCase()
    .replace(/^0x/, "")
    .replaceAll(":", "")
    .replace(/^0+(?=.)/, "");
  return /^[0-9a-f]{1,40}$/.test(digits) ? digits : undefined;
}

function serialOctets(serial: string): Uint8Array {
  return Uint8Array.fromHex(serial.length % 2 === 0 ? serial : `0${serial}`);
}
