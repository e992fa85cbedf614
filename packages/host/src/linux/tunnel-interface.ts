/**
 * The interface of a tunnel as it is wanted: its own addresses and no others, its MTU, and up. What is right is not written, so that
 * whoever goes through it meanwhile notices nothing.
 */
import { formatPrefix, type Prefix } from "@ropewalk/kernel/addresses";
import type { Bytes } from "@ropewalk/kernel/units";
import { HostError } from "../errors.ts";
import { decodeAddress } from "../netlink/address.ts";
import { decodeLink } from "../netlink/link.ts";
import { isMalformed, type Malformed } from "../netlink/malformed.ts";
import { createLinkWriter, type LinkWriter } from "./link-writer.ts";
import type { Native } from "./native.ts";
import { type DumpSink, dumpNow, readLinkNow } from "./netlink-dump.ts";

export interface WantedInterface {
  readonly name: string;
  readonly addresses: readonly Prefix[];
  readonly mtu: Bytes;
}

/** What was written, "address 10.90.0.1/16"; nothing where all was right. Throws HOST_NETLINK, with what the kernel refused. */
export function setUpInterface(native: Native, { name, addresses, mtu }: WantedInterface): readonly string[] {
  const link = collect(decodeLink, (sink) => readLinkNow(native, name, sink))[0];
  if (link === undefined) throw new HostError("HOST_NETLINK", `there is no interface ${name}`);
  const { ifindex } = link;
  const present = addressesOf(native, ifindex);
  const texts = new Set(present.map(formatPrefix));
  const wanted = new Set(addresses.map(formatPrefix));
  using writer = createLinkWriter(native);
  return [
    // First: IPv6 goes away from an interface whose MTU is below its least.
    ...(link.mtu === mtu ? [] : [done(name, `MTU ${mtu}`, writer.setMtu(ifindex, mtu))]),
    ...present.filter((prefix) => !wanted.has(formatPrefix(prefix))).map(removal(name, writer, ifindex)),
    ...addresses
      .filter((prefix) => !texts.has(formatPrefix(prefix)))
      .map((prefix) => done(name, `address ${formatPrefix(prefix)}`, writer.addAddress(ifindex, prefix))),
    ...(link.isEnabled ? [] : [done(name, "up", writer.switch(ifindex, true))]),
  ];
}

/** Those that an operator gives; link-local ones of IPv6 are the kernel's own. */
function addressesOf(native: Native, of: number): readonly Prefix[] {
  return collect(decodeAddress, (sink) => void dumpNow(native, "addresses", sink))
    .filter(({ facts: { ifindex, scope } }) => ifindex === of && scope !== "link")
    .map(({ facts: { address, prefixLength } }) => ({ address, length: prefixLength }));
}

function removal(name: string, writer: LinkWriter, ifindex: number): (prefix: Prefix) => string {
  return (prefix) => done(name, `no address ${formatPrefix(prefix)}`, writer.removeAddress(ifindex, prefix));
}

function done(name: string, what: string, fault: string | undefined): string {
  if (fault === undefined) return what;
  throw new HostError("HOST_NETLINK", `${name} does not get what it is to have, ${what}: ${fault}`);
}

function collect<T extends object>(
  decode: (payload: Uint8Array) => T | Malformed | undefined,
  read: (sink: DumpSink) => void,
): readonly T[] {
  const found: T[] = [];
  read({
    onMessage: ({ payload }) => {
      const decoded = decode(payload);
      if (decoded !== undefined && !isMalformed(decoded)) found.push(decoded as T);
    },
    onMalformed: () => {},
  });
  return found;
}
