/**
 * DNS messages of a stub resolver: one question out, one response in. Decoding is total: what is no whole response to one
 * A or AAAA question is undefined, and whatever the length or the pointers in it, the work is bounded.
 *
 *    0               1               2               3
 *   | id                            |Q opcode A T R | R  Z  rcode   |   RFC 1035 §4.1.1: QR, AA, TC, RD, RA
 *   | questions                     | answers                       |
 *   | authorities                   | additional records            |
 *   | question: name, type u16, class u16                             §4.1.2
 *   | record: name, type u16, class u16, ttl u32, length u16, data …  §4.1.3
 */
import { type IpAddress, ipAddressFromBytes } from "@ropewalk/kernel/addresses";

export type DnsRecord = "A" | "AAAA";

export interface DnsQuestion {
  /** Without a dot at its end. */
  readonly name: string;
  readonly record: DnsRecord;
}

export interface DnsResponse {
  readonly id: number;
  readonly question: DnsQuestion;
  readonly rcode: number;
  /** The rest did not fit: ask over TCP. */
  readonly isTruncated: boolean;
  /** Of the name that was asked for, or of its aliases; at most 32. */
  readonly addresses: readonly IpAddress[];
}

/** Source: RFC 1035 §3.2.2, RFC 3596 §2.1. */
const recordType: Readonly<Record<DnsRecord, number>> = { A: 1, AAAA: 28 };
const cnameType = 5;
const internetClass = 1;
const headerLength = 12;
/** RFC 1035 §2.3.4. */
const longestLabel = 63;
const longestName = 255;
const recordsAtMost = 128;
const addressesAtMost = 32;

/** Undefined when `name` is no domain name: empty or too long, or one of its labels is, or it is not plain ASCII. */
export function encodeDnsQuery(id: number, { name, record }: DnsQuestion): Uint8Array | undefined {
  const labels = name.replace(/\.$/, "").split(".");
  const isName = labels.every((label) => /^[\x21-\x7e]+$/.test(label) && label.length <= longestLabel);
  const nameLength = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  if (!isName || nameLength > longestName) return undefined;
  const message = new Uint8Array(headerLength + nameLength + 4);
  const view = new DataView(message.buffer);
  view.setUint16(0, id);
  view.setUint16(2, 0x0100); // RD: recursion desired
  view.setUint16(4, 1);
  let at = headerLength;
  for (const label of labels) {
    message[at] = label.length;
    for (let index = 0; index < label.length; index += 1) message[at + 1 + index] = label.charCodeAt(index);
    at += 1 + label.length;
  }
  view.setUint16(at + 1, recordType[record]);
  view.setUint16(at + 3, internetClass);
  return message;
}

export function decodeDnsResponse(message: Uint8Array): DnsResponse | undefined {
  if (message.length < headerLength) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const flags = view.getUint16(2);
  const isStandardResponse = (flags & 0xf800) === 0x8000;
  if (!isStandardResponse || view.getUint16(4) !== 1) return undefined;
  const asked = readQuestion(message, view);
  if (asked === undefined) return undefined;
  const addresses = readAddresses(message, view, asked.question, asked.next);
  if (addresses === undefined) return undefined;
  const isTruncated = (flags & 0x0200) !== 0;
  return { id: view.getUint16(0), question: asked.question, rcode: flags & 0x0f, isTruncated, addresses };
}

/** Names are equal whatever their case. Source: RFC 4343 §3. */
export function isSameQuestion(one: DnsQuestion, other: DnsQuestion): boolean {
  return one.record === other.record && canonical(one.name) === canonical(other.name);
}

function canonical(name: string): string {
  return name.replace(/\.$/, "").toLowerCase();
}

interface AskedQuestion {
  readonly question: DnsQuestion;
  /** Where what follows begins. */
  readonly next: number;
}

function readQuestion(message: Uint8Array, view: DataView): AskedQuestion | undefined {
  const name = readName(message, headerLength);
  if (name === undefined || message.length < name.next + 4) return undefined;
  const type = view.getUint16(name.next);
  if (view.getUint16(name.next + 2) !== internetClass) return undefined;
  const record = type === recordType.A ? "A" : type === recordType.AAAA ? "AAAA" : undefined;
  return record && { question: { name: name.text, record }, next: name.next + 4 };
}

/** Undefined when a record is cut short or its name is none; a truncated message ends between two records. */
function readAddresses(
  message: Uint8Array,
  view: DataView,
  { name, record }: DnsQuestion,
  start: number,
): readonly IpAddress[] | undefined {
  const names = new Set([canonical(name)]);
  const addresses: IpAddress[] = [];
  let at = start;
  for (let left = Math.min(view.getUint16(6), recordsAtMost); left > 0 && at < message.length; left -= 1) {
    const owner = readName(message, at);
    if (owner === undefined || message.length < owner.next + 10) return undefined;
    const data = owner.next + 10;
    const end = data + view.getUint16(owner.next + 8);
    if (message.length < end) return undefined;
    at = end;
    if (view.getUint16(owner.next + 2) !== internetClass || !names.has(canonical(owner.text))) continue;
    const type = view.getUint16(owner.next);
    if (type === cnameType) {
      const alias = readName(message, data);
      if (alias === undefined) return undefined;
      names.add(canonical(alias.text));
    } else if (type === recordType[record] && end - data === (record === "A" ? 4 : 16)) {
      const address = ipAddressFromBytes(message.subarray(data, end));
      if (address !== undefined && addresses.length < addressesAtMost) addresses.push(address);
    }
  }
  return addresses;
}

/**
 * The name at `start` and where what follows it begins. A pointer must lead to before the place where reading last began,
 * so that no chain of pointers has an end other than this one's (RFC 1035 §4.1.4: to a prior occurrence).
 */
function readName(message: Uint8Array, start: number): { readonly text: string; readonly next: number } | undefined {
  const labels: string[] = [];
  let length = 1;
  let at = start;
  let began = start;
  let next: number | undefined;
  for (;;) {
    const size = message[at];
    if (size === undefined) return undefined;
    if (size === 0) return { text: labels.join("."), next: next ?? at + 1 };
    if (size >= 0xc0) {
      const target = ((size & 0x3f) << 8) | (message[at + 1] ?? 0xff);
      if (at + 1 >= message.length || target >= began) return undefined;
      next ??= at + 2;
      began = target;
      at = target;
      continue;
    }
    length += 1 + size;
    if (size > longestLabel || length > longestName || at + 1 + size > message.length) return undefined;
    // A dot inside a label is not the dot between two.
    labels.push(String.fromCharCode(...message.subarray(at + 1, at + 1 + size)).replaceAll(".", "\\."));
    at += 1 + size;
  }
}
