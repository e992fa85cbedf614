/**
 * Network addresses in their one canonical text form, so that equal addresses are equal strings:
 * IPv4 dotted decimal, IPv6 as RFC 5952, MAC lower-case with colons.
 */
import { InternalError } from "./errors.ts";
import type { Branded } from "./units.ts";

export type Family = "ipv4" | "ipv6";
export const families: readonly Family[] = ["ipv4", "ipv6"];

/** An IPv4 or IPv6 address without zone or prefix length. */
export type IpAddress = Branded<string, "IpAddress">;
/** A link-layer address of six or more octets. */
export type MacAddress = Branded<string, "MacAddress">;

export interface Prefix {
  readonly address: IpAddress;
  readonly length: number;
}

export function familyOf(address: IpAddress): Family {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** The address in `text`, in canonical form; undefined when there is none. Zones (`%eth0`) are refused. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const octets = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return octets === undefined ? undefined : ipAddressFromBytes(octets);
}

/** The address in `text`, which the caller knows to be one. */
export function ipAddress(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new InternalError(`"${text}" is not an IP address`);
  return parsed;
}

/** Four octets give an IPv4 address, sixteen an IPv6 one, any other number none. */
export function ipAddressFromBytes(octets: Uint8Array): IpAddress | undefined {
  // Not by join, which takes several times as long: tables of ten thousands of flows are read.
  if (octets.length === 4) return `${octets[0]}.${octets[1]}.${octets[2]}.${octets[3]}` as IpAddress;
  return octets.length === 16 ? (formatIpv6(octets) as IpAddress) : undefined;
}

/** Four or sixteen octets in network order. */
export function ipAddressBytes(address: IpAddress): Uint8Array {
  const octets = address.includes(":") ? parseIpv6(address) : parseIpv4(address);
  if (octets === undefined) throw new InternalError(`"${address}" was branded as an IP address and is not one`);
  return octets;
}

export function parsePrefix(text: string): Prefix | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = parseIpAddress(match?.[1] ?? "");
  const length = Number(match?.[2]);
  if (address === undefined || !(length <= (familyOf(address) === "ipv4" ? 32 : 128))) return undefined;
  return { address, length };
}

/** The prefix with every bit past its length cleared: the name of the network. */
export function networkOf(prefix: Prefix): Prefix {
  const octets = ipAddressBytes(prefix.address).slice();
  for (let index = 0; index < octets.length; index += 1) {
    const kept = Math.max(0, Math.min(8, prefix.length - index * 8));
    octets[index] = (octets[index] ?? 0) & (0xff << (8 - kept)) & 0xff;
  }
  return { address: ipAddressFromBytes(octets) as IpAddress, length: prefix.length };
}

export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  if (familyOf(prefix.address) !== familyOf(address)) return false;
  return networkOf({ address, length: prefix.length }).address === networkOf(prefix).address;
}

export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address}/${prefix.length}`;
}

/** fe80::/10 and 169.254.0.0/16: good on one link only. */
export function isLinkLocal(address: IpAddress): boolean {
  return /^(fe[89ab][0-9a-f]:|169\.254\.)/.test(address);
}

export function isLoopback(address: IpAddress): boolean {
  return address === "::1" || address.startsWith("127.");
}

/** The address in `octets`; undefined when it is empty or all zero, which is how the kernel says "none". */
export function macAddressFromBytes(octets: Uint8Array): MacAddress | undefined {
  if (octets.length === 0 || octets.length > 32 || octets.every((octet) => octet === 0)) return undefined;
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(":") as MacAddress;
}

// Without lists of parts, which take ten times as long: devices and tables have ten thousands of addresses.

function parseIpv4(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(4);
  let at = 0;
  for (let index = 0; index < 4; index += 1) {
    if (index > 0 && text[at++] !== ".") return undefined;
    const start = at;
    let value = 0;
    for (let digit = decimalAt(text, at); digit >= 0; digit = decimalAt(text, at)) {
      // A leading zero would mean octal to some.
      if (at > start && value === 0) return undefined;
      value = value * 10 + digit;
      at += 1;
      if (value > 255) return undefined;
    }
    if (at === start) return undefined;
    octets[index] = value;
  }
  return at === text.length ? octets : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(16);
  let filled = 0;
  /** Where "::" stands, in octets. */
  let gap = text.startsWith("::") ? 0 : -1;
  let at = gap === 0 ? 2 : 0;
  while (at < text.length) {
    const end = hexEnd(text, at);
    if (text[end] === ".") {
      const embedded = parseIpv4(text.slice(at));
      if (embedded === undefined || filled > 12) return undefined;
      octets.set(embedded, filled);
      filled += 4;
      break;
    }
    if (end === at || end - at > 4 || filled === 16) return undefined;
    const group = Number.parseInt(text.slice(at, end), 16);
    octets[filled] = group >> 8;
    octets[filled + 1] = group & 0xff;
    filled += 2;
    if (end === text.length) break;
    at = end + 1;
    if (text[end] !== ":" || at === text.length) return undefined;
    if (text[at] !== ":") continue;
    if (gap >= 0) return undefined;
    gap = filled;
    at += 1;
  }
  return gap < 0 ? whole(octets, filled) : spread(octets, filled, gap);
}

function whole(octets: Uint8Array, filled: number): Uint8Array | undefined {
  return filled === 16 ? octets : undefined;
}

/** What stands behind the gap goes to the end; the gap is at least one group. */
function spread(octets: Uint8Array, filled: number, gap: number): Uint8Array | undefined {
  if (filled > 14) return undefined;
  const tail = 16 - (filled - gap);
  return octets.copyWithin(tail, gap, filled).fill(0, gap, tail);
}

/** Below zero for what is no digit. */
function decimalAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39 ? code - 0x30 : -1;
}

function hexEnd(text: string, start: number): number {
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    const isDigit = (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
    if (!isDigit) return at;
  }
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
function formatIpv6(octets: Uint8Array): string {
  const view = new DataView(octets.buffer, octets.byteOffset, 16);
  const { start, length } = longestZeros(view);
  if (start === 0 && length === 5 && view.getUint16(10) === 0xffff) return `::ffff:${octets.subarray(12).join(".")}`;
  let text = "";
  for (let index = 0; index < 8; index += 1) {
    if (index === start) text += index === 0 ? "::" : ":";
    if (index >= start && index < start + length) continue;
    text += index === 7 ? view.getUint16(14).toString(16) : `${view.getUint16(index * 2).toString(16)}:`;
  }
  return text;
}

/** Past the end when there is none of two groups or more. */
function longestZeros(view: DataView): { readonly start: number; readonly length: number } {
  let [start, length, run] = [8, 1, 0];
  for (let index = 0; index < 8; index += 1) {
    run = view.getUint16(index * 2) === 0 ? run + 1 : 0;
    if (run <= length) continue;
    length = run;
    start = index - run + 1;
  }
  return { start, length };
}
