/** Facts that are read when asked for: each call is a fresh look at the kernel, in one go. */
import type { DeviceFacts, LinkCounters, NeighbourFacts, PowerFacts, RuleFacts } from "../facts.ts";
import { decodeLink } from "../netlink/link.ts";
import { decodeLinkCounters } from "../netlink/link-counters.ts";
import { isMalformed, type Malformed } from "../netlink/malformed.ts";
import { decodeNeighbour } from "../netlink/neighbour.ts";
import type { DumpSubject } from "../netlink/requests.ts";
import { decodeRule } from "../netlink/rule.ts";
import type { NetworkReader } from "../ports.ts";
import { isInterfaceName } from "../pure/interface-name.ts";
import type { ObservedLink } from "../tables/network-event.ts";
import type { Native } from "./native.ts";
import { type DumpSink, dumpNow, readLinkNow } from "./netlink-dump.ts";
import { readSysfsDevice } from "./sysfs-device.ts";
import { readSysfsPower } from "./sysfs-power.ts";
import { readSysfsNumber, readSysfsText } from "./sysfs-text.ts";

/** A dump that the kernel calls inconsistent is repeated this often; then it is taken as it is. */
const mostTries = 3;

/** Every method but `device` and `power` throws HOST_NETLINK when the kernel refuses. */
export function createNetworkReader(native: Native): NetworkReader {
  return {
    counters() {
      const entries = readAll(native, "link-counters", decodeLinkCounters);
      return new Map<number, LinkCounters>(entries.map(({ ifindex, counters }) => [ifindex, counters]));
    },
    rules: (): readonly RuleFacts[] => readAll(native, "rules", decodeRule),
    neighbours: (): readonly NeighbourFacts[] => readAll(native, "neighbours", decodeNeighbour),
    device: (name) => readDevice(native, name),
    power: (): PowerFacts => readSysfsPower(sysfs),
  };
}

const sysfs = "/sys";

function readAll<T extends object>(
  native: Native,
  subject: DumpSubject,
  decode: (payload: Uint8Array) => T | Malformed | undefined,
): readonly T[] {
  for (let tries = 1; ; tries += 1) {
    const found: T[] = [];
    const result = dumpNow(native, subject, collect(decode, found));
    if (result === "complete" || tries === mostTries) return found;
  }
}

/** What cannot be decoded is left out: the other objects are no less true. */
function collect<T extends object>(decode: (payload: Uint8Array) => T | Malformed | undefined, into: T[]): DumpSink {
  return {
    onMessage: ({ payload }) => {
      const decoded = decode(payload);
      if (decoded !== undefined && !isMalformed(decoded)) into.push(decoded as T);
    },
    onMalformed: () => {},
  };
}

/** Undefined as well when /sys shows another network namespace, where the name means another link. */
function readDevice(native: Native, name: string): DeviceFacts | undefined {
  if (!isInterfaceName(name)) return undefined;
  const links: ObservedLink[] = [];
  readLinkNow(native, name, collect(decodeLink, links));
  const [link] = links;
  const folder = `${sysfs}/class/net/${name}`;
  if (link === undefined || readSysfsNumber(`${folder}/ifindex`) !== link.ifindex) return undefined;
  if (link.mac !== undefined && readSysfsText(`${folder}/address`) !== link.mac) return undefined;
  return readSysfsDevice(sysfs, name);
}
