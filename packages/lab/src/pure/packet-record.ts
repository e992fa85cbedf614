/**
 * What a traffic program kept of each packet, and what follows from it: losses, duplicates, reordering, and the gap that a
 * change of uplink left. Times are nanoseconds of CLOCK_MONOTONIC; packets are in the order in which they came.
 *
 *   0        8        16        24             40
 *   | number | sent   | arrived | address      |   little-endian, as `struct arrival` of traffic/traffic.h
 */
import { type IpAddress, ipAddressFromBytes } from "@ropewalk/kernel/addresses";

export interface Packet {
  readonly number: number;
  /** When it was sent; of a reply, when its question was. */
  readonly sentAt: bigint;
  readonly arrivedAt: bigint;
  /** Whom it came from; of a reply, at which of the asker's own addresses it came in. */
  readonly address: IpAddress;
}

export const packetSize = 40;

/** Throws RangeError when `bytes` is not a whole number of records. */
export function parsePackets(bytes: Uint8Array): readonly Packet[] {
  if (bytes.length % packetSize !== 0) throw new RangeError(`${bytes.length} octets are no whole records`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names = new Map<string, IpAddress>();
  return Array.from({ length: bytes.length / packetSize }, (_, index) => {
    const at = index * packetSize;
    return {
      number: Number(view.getBigUint64(at, true)),
      sentAt: view.getBigInt64(at + 8, true),
      arrivedAt: view.getBigInt64(at + 16, true),
      address: addressAt(view, at + 24, names),
    };
  });
}

export interface StreamSummary {
  /** Duplicates included. */
  readonly received: number;
  /** Numbers between the first and the last that never came. */
  readonly lost: number;
  readonly duplicates: number;
  /** With a number smaller than one that came before (RFC 4737 §3.3). */
  readonly reordered: number;
  readonly byAddress: ReadonlyMap<IpAddress, number>;
}

/** Undefined bounds are those of the packets; with them, `first` to `last` is what was sent. */
export function summarize(packets: readonly Packet[], first?: number, last?: number): StreamSummary {
  const seen = new Set<number>();
  const byAddress = new Map<IpAddress, number>();
  let reordered = 0;
  let greatest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const { number, address } of packets) {
    byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
    if (number < greatest && !seen.has(number)) reordered += 1;
    seen.add(number);
    greatest = Math.max(greatest, number);
    least = Math.min(least, number);
  }
  const expected = seen.size === 0 && last === undefined ? 0 : (last ?? greatest) - (first ?? least) + 1;
  return {
    ...{ received: packets.length, lost: expected - seen.size },
    ...{ duplicates: packets.length - seen.size, reordered, byAddress },
  };
}

export interface Gap {
  readonly before: Packet;
  readonly after: Packet;
  readonly nanos: bigint;
}

/** The longest times without an arrival, longest first. */
export function longestGaps(packets: readonly Packet[], most = 50): readonly Gap[] {
  return gapsOf(packets)
    .toSorted((a, b) => Number(b.nanos - a.nanos))
    .slice(0, most);
}

/** The time without an arrival in which `at` lies; undefined before the first packet and after the last. */
export function gapAround(packets: readonly Packet[], at: bigint): Gap | undefined {
  return gapsOf(packets).find(({ before, after }) => before.arrivedAt <= at && at < after.arrivedAt);
}

/** From the last packet of `old` before the first one of another address that came after `since`, to that one. */
export function handover(packets: readonly Packet[], old: IpAddress, since: bigint): Gap | undefined {
  const place = packets.findIndex(({ address, arrivedAt }) => address !== old && arrivedAt > since);
  const after = packets[place];
  const before = packets.slice(0, Math.max(0, place)).findLast(({ address }) => address === old);
  return before === undefined || after === undefined
    ? undefined
    : { before, after, nanos: after.arrivedAt - before.arrivedAt };
}

/** Nanoseconds by which one packet of a steady stream was sent later than its number says: the sender's own stall, and nobody's gap. */
export function sentLate(packets: readonly Packet[], late: Packet, perSecond: number): number {
  const beginBy = ({ number, sentAt }: Packet) => Number(sentAt) - Math.round((number * 1e9) / perSecond);
  const begin = packets.reduce((least, packet) => Math.min(least, beginBy(packet)), beginBy(late));
  return beginBy(late) - begin;
}

function gapsOf(packets: readonly Packet[]): readonly Gap[] {
  return packets.slice(1).flatMap((after, index) => {
    const before = packets[index];
    return before === undefined ? [] : [{ before, after, nanos: after.arrivedAt - before.arrivedAt }];
  });
}

/** Text is made once for each address. */
function addressAt(view: DataView, at: number, names: Map<string, IpAddress>): IpAddress {
  const key = `${view.getBigUint64(at)}/${view.getBigUint64(at + 8)}`;
  const known = names.get(key);
  if (known !== undefined) return known;
  // RFC 4291 §2.5.5.2
  const isMapped = view.getBigUint64(at) === 0n && view.getUint32(at + 8) === 0xffff;
  const octets = new Uint8Array(view.buffer, view.byteOffset + at, 16);
  const named = ipAddressFromBytes(isMapped ? octets.subarray(12) : octets);
  if (named === undefined) throw new RangeError("a record without an address");
  names.set(key, named);
  return named;
}
