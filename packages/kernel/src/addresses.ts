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

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return Uint8Array.from(parts, Number);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const [head = "", tail, extra] = text.split("::");
  if (extra !== undefined) return undefined;
  const before = parseGroups(head);
  const after = tail === undefined ? [] : parseGroups(tail);
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...new Array<number>(missing).fill(0), ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes(".") ? parseIpv4(part) : undefined;
    if (embedded !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = embedded;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else return undefined;
  }
  return groups;
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
function formatIpv6(octets: Uint8Array): string {
  const view = new DataView(octets.buffer, octets.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${octets.subarray(12).join(".")}`;
  }
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (best.length < 2) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}
