/** RTM_NEWNEIGH. Source: linux/neighbour.h. */
import { macAddressFromBytes } from "@ropewalk/kernel/addresses";
import type { NeighbourFacts } from "../facts.ts";
import { attributeAddress, readAttributes } from "./attributes.ts";
import { familyOfNumber, isOfFamily } from "./families.ts";
import { readI32, readU16 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";

const NDA = { DST: 1, LLADDR: 2 } as const;
const ndmsgLength = 12;
/** NUD_*: the kernel sets one bit at a time. */
const states: Readonly<Record<number, NeighbourFacts["state"]>> = {
  1: "incomplete",
  2: "reachable",
  4: "stale",
  8: "delay",
  16: "probe",
  32: "failed",
  64: "noarp",
  128: "permanent",
};

/** Undefined for families other than IPv4 and IPv6 (a bridge's forwarding table comes as AF_BRIDGE). */
export function decodeNeighbour(payload: Uint8Array): NeighbourFacts | Malformed | undefined {
  const ifindex = readI32(payload, 4);
  const state = readU16(payload, 8);
  const attributes = readAttributes(payload.subarray(ndmsgLength));
  if (payload.length < ndmsgLength || ifindex === undefined || state === undefined || attributes === undefined) {
    return malformed("a neighbour message cut short");
  }
  const family = familyOfNumber(payload[0]);
  if (family === undefined) return undefined;
  const address = attributeAddress(attributes, NDA.DST);
  const octets = attributes.get(NDA.DST);
  if (address === undefined || octets === undefined || !isOfFamily(octets, family)) {
    return malformed("a neighbour message without an address");
  }
  return {
    ifindex,
    family,
    address,
    mac: macAddressFromBytes(attributes.get(NDA.LLADDR) ?? new Uint8Array()),
    state: states[state] ?? "none",
  };
}
