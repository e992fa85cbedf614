/**
 * The lease files of dhcpcd: the server's last message as it came over the wire. They hold no date; dhcpcd itself takes
 * the file's time of writing as the beginning of the lease. Source: dhcpcd 9.4.1 src/dhcp.c dhcp_start1, read_lease.
 *
 *     NAME.lease   BOOTP: 236 octets, magic cookie 63 82 53 63, options { code 1, length 1, value }   RFC 2131 §2, RFC 2132 §2
 *     NAME.lease6  DHCPv6: type 1, transaction 3, options { code 2, length 2, value }                 RFC 8415 §8, §21.1
 */
import { type IpAddress, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { ByteReader } from "@ropewalk/kernel/bytes";
import { isAndroidMeteredText } from "./android-metered.ts";
import { endOfLease, infiniteLifetime, type Lease } from "./lease.ts";
import { distinctServers } from "./server-address.ts";

/** Option codes of RFC 2132. */
const bootpOption = { pad: 0, router: 3, domainNameServer: 6, vendorSpecific: 43, leaseTime: 51, end: 255 } as const;
/** Option codes of RFC 8415 §21 and RFC 3646 §3. */
const dhcp6Option = { iaNa: 3, iaTa: 4, iaAddr: 5, dnsServers: 23, iaPd: 25, iaPrefix: 26 } as const;

const bootpHeaderLength = 236;
/** yiaddr, RFC 2131 §2. */
const yourAddressOffset = 16;
const magicCookie = 0x63825363;
const dhcp6Reply = 7;

/** The lease in `message`, granted at `writtenAt`; undefined when it is not a BOOTP message with options. */
export function decodeDhcpcdLease(message: Uint8Array, writtenAt: number): Lease | undefined {
  const reader = new ByteReader(message, { littleEndian: false });
  reader.skip(yourAddressOffset);
  const address = ipAddressFromBytes(reader.take(4) ?? new Uint8Array());
  reader.skip(bootpHeaderLength - yourAddressOffset - 4);
  if (reader.u32() !== magicCookie) return undefined;
  const options = readBootpOptions(reader);
  const leaseTime = options.get(bootpOption.leaseTime) ?? new Uint8Array();
  return {
    family: "ipv4",
    address,
    servers: addresses(options.get(bootpOption.domainNameServer), 4),
    routers: addresses(options.get(bootpOption.router), 4),
    obtainedAt: writtenAt,
    expiresAt: endOfLease(writtenAt, new ByteReader(leaseTime, { littleEndian: false }).u32()),
    isAndroidMetered: isAndroidMeteredText(latin1(options.get(bootpOption.vendorSpecific))),
  };
}

/** The lease in a DHCPv6 reply, granted at `writtenAt`; undefined when it is not a reply. */
export function decodeDhcpcdLease6(message: Uint8Array, writtenAt: number): Lease | undefined {
  const reader = new ByteReader(message, { littleEndian: false });
  if (reader.u8() !== dhcp6Reply) return undefined;
  reader.skip(3);
  const options = readDhcp6Options(reader);
  const lifetimes = options.flatMap(({ code, value }) => lifetimesOf(code, value));
  return {
    family: "ipv6",
    address: undefined,
    servers: distinctServers(
      options.flatMap(({ code, value }) => (code === dhcp6Option.dnsServers ? addresses(value, 16) : [])),
    ),
    routers: [],
    obtainedAt: writtenAt,
    expiresAt: endOfLease(writtenAt, lifetimes.length === 0 ? undefined : Math.max(...lifetimes)),
    isAndroidMetered: false,
  };
}

/** An option that occurs twice is one option in two parts (RFC 3396 §5). */
function readBootpOptions(reader: ByteReader): ReadonlyMap<number, Uint8Array> {
  const parts = new Map<number, Uint8Array[]>();
  for (let code = reader.u8(); code !== undefined && code !== bootpOption.end; code = reader.u8()) {
    if (code === bootpOption.pad) continue;
    const value = reader.take(reader.u8() ?? -1);
    if (value === undefined) break;
    parts.getOrInsertComputed(code, () => []).push(value);
  }
  return new Map(parts.entries().map(([code, values]) => [code, joined(values)]));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

interface Dhcp6Option {
  readonly code: number;
  readonly value: Uint8Array;
}

function readDhcp6Options(reader: ByteReader): readonly Dhcp6Option[] {
  const options: Dhcp6Option[] = [];
  for (let code = reader.u16(); code !== undefined; code = reader.u16()) {
    const value = reader.take(reader.u16() ?? -1);
    if (value === undefined) break;
    options.push({ code, value });
  }
  return options;
}

/** Valid lifetimes in seconds of the addresses and prefixes in an identity association. Source: RFC 8415 §21.4–§21.6, §21.21–§21.22. */
function lifetimesOf(code: number, value: Uint8Array): readonly number[] {
  // IAID, T1, T2; a temporary association has the IAID alone.
  const header = code === dhcp6Option.iaTa ? 4 : 12;
  if (code !== dhcp6Option.iaNa && code !== dhcp6Option.iaTa && code !== dhcp6Option.iaPd) return [];
  const reader = new ByteReader(value, { littleEndian: false });
  reader.skip(header);
  return readDhcp6Options(reader).flatMap((option) => {
    if (option.code !== dhcp6Option.iaAddr && option.code !== dhcp6Option.iaPrefix) return [];
    const inner = new ByteReader(option.value, { littleEndian: false });
    // An address comes before its lifetimes, a prefix after them: address 16, preferred 4, valid 4; preferred 4, valid 4, …
    inner.skip(option.code === dhcp6Option.iaAddr ? 20 : 4);
    return [inner.u32() ?? infiniteLifetime];
  });
}

function addresses(value: Uint8Array | undefined, size: 4 | 16): readonly IpAddress[] {
  const found: (IpAddress | undefined)[] = [];
  for (let at = 0; value !== undefined && at + size <= value.length; at += size) {
    found.push(ipAddressFromBytes(value.subarray(at, at + size)));
  }
  return distinctServers(found);
}

function latin1(value: Uint8Array | undefined): string {
  return Array.from(value ?? [], (octet) => String.fromCharCode(octet)).join("");
}
