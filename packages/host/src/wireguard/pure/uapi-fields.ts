/** Single values of an answer of the userspace protocol, read where they lie: a key never becomes a text that cannot be erased. */
import { type Prefix, parseIpAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import type { PeerEndpoint } from "../device.ts";
import { wireGuardKeyLength } from "../public-key.ts";

/** A part of a longer array. */
export interface Span {
  readonly octets: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const knownFields = [
  "private_key",
  "listen_port",
  "fwmark",
  "public_key",
  "preshared_key",
  "endpoint",
  "last_handshake_time_sec",
  "last_handshake_time_nsec",
  "tx_bytes",
  "rx_bytes",
  "persistent_keepalive_interval",
  "allowed_ip",
  "errno",
] as const;

export type UapiField = (typeof knownFields)[number];

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** By the length of their names. A device of 10,000 peers has 100,000 fields. */
const fields = Map.groupBy(
  knownFields.map((name) => ({ name, octets: encoder.encode(name) })),
  ({ octets }) => octets.length,
);

/** The name of a field; undefined for one that this code does not know. */
export function readField(span: Span): UapiField | undefined {
  for (const { name, octets } of fields.get(span.end - span.start) ?? []) if (isAt(octets, span)) return name;
  return undefined;
}

function isAt(name: Uint8Array, { octets, start }: Span): boolean {
  for (let at = 0; at < name.length; at += 1) if (name[at] !== octets[start + at]) return false;
  return true;
}

/** 32 octets of their own, of 64 hexadecimal digits. */
export function readKey({ octets, start, end }: Span): Uint8Array | undefined {
  if (end - start !== 2 * wireGuardKeyLength) return undefined;
  const key = new Uint8Array(wireGuardKeyLength);
  for (let at = 0; at < wireGuardKeyLength; at += 1) {
    const value = digitAt(octets, start + 2 * at) * 16 + digitAt(octets, start + 2 * at + 1);
    if (Number.isNaN(value)) {
      key.fill(0);
      return undefined;
    }
    key[at] = value;
  }
  return key;
}

/** NaN for what is no hexadecimal digit. */
function digitAt(octets: Uint8Array, at: number): number {
  const octet = octets[at] ?? 0;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}

/** Decimal digits, no more than `most`. */
export function readWhole({ octets, start, end }: Span, most: number): number | undefined {
  if (start === end || end - start > 16) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (octets[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= most ? value : undefined;
}

/** An error number: 0, or negated as inside the kernel. */
export function readErrno({ octets, start, end }: Span): number | undefined {
  const isNegative = octets[start] === 0x2d;
  const value = readWhole({ octets, start: isNegative ? start + 1 : start, end }, 0xffff);
  return value === undefined || !isNegative ? value : 0 - value;
}

export function readPrefix(span: Span): Prefix | undefined {
  return parsePrefix(text(span));
}

/** "192.0.2.1:51820", "[2001:db8::1]:51820"; the zone in "[fe80::1%eth0]:51820" is left out. */
export function readEndpoint(span: Span): PeerEndpoint | undefined {
  const match = /^(?:\[([^\]%]*:[^\]%]*)(?:%[^\]]*)?\]|([^:[\]]+)):(\d{1,5})$/.exec(text(span));
  const address = parseIpAddress(match?.[1] ?? match?.[2] ?? "");
  const port = Number(match?.[3]);
  return address !== undefined && port <= 0xffff ? { address, port } : undefined;
}

function text({ octets, start, end }: Span): string {
  return decoder.decode(octets.subarray(start, end));
}
