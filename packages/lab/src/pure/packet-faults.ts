/** What an ISP can do to the packets of one uplink; every part of it holds by itself, so they compose. */
import type { Family } from "@ropewalk/kernel/addresses";
import type { Bytes, Millis } from "@ropewalk/kernel/units";

/** Towards the internet (`tx`, as edge sees it) or towards edge (`rx`). */
export type Direction = "tx" | "rx";
export type Directions = Direction | "both";
export const directions: readonly Direction[] = ["tx", "rx"];

/** `icmp` is that of both families, neighbour discovery excepted. */
export type Protocol = "icmp" | "tcp" | "udp";
export const protocols: readonly Protocol[] = ["icmp", "tcp", "udp"];

/** What is broken in one direction of an uplink. */
interface DirectionFault {
  readonly isBlackhole: boolean;
  /** 0…100. */
  readonly lossPercent: number;
}

/** Who answers when a name is asked for, whichever server is asked. */
export type DnsFault =
  | { readonly kind: "honest" }
  /** The ISP, with the address of its own page for every name. */
  | { readonly kind: "forged" }
  /** The right answer, so much later. */
  | { readonly kind: "late"; readonly by: Millis };

export interface PacketFaults {
  readonly tx: DirectionFault;
  readonly rx: DirectionFault;
  /** Whether anything but the ISP's own gateway is reached. */
  readonly beyond: "alive" | "deaf";
  /** These vanish in both directions. */
  readonly swallowed: readonly Protocol[];
  readonly deadFamilies: readonly Family[];
  /** Larger IP packets vanish without a word. */
  readonly largest: Bytes | undefined;
  readonly web: "internet" | "portal";
  readonly tcp: "internet" | "impostor";
  readonly dns: DnsFault;
  /** Whether DHCP is answered. */
  readonly leases: "given" | "withheld";
}

export const noPacketFaults: PacketFaults = {
  tx: { isBlackhole: false, lossPercent: 0 },
  rx: { isBlackhole: false, lossPercent: 0 },
  beyond: "alive",
  swallowed: [],
  deadFamilies: [],
  largest: undefined,
  web: "internet",
  tcp: "internet",
  dns: { kind: "honest" },
  leases: "given",
};

/** Each direction named becomes a blackhole, the other one none. */
export function withBlackhole(faults: PacketFaults, which: Directions): PacketFaults {
  const at = (direction: Direction) => ({
    ...faults[direction],
    isBlackhole: which === "both" || which === direction,
  });
  return { ...faults, tx: at("tx"), rx: at("rx") };
}

/** Each direction named loses `percent`, the other one nothing. */
export function withLoss(faults: PacketFaults, percent: number, which: Directions): PacketFaults {
  const at = (direction: Direction) => ({
    ...faults[direction],
    lossPercent: which === "both" || which === direction ? percent : 0,
  });
  return { ...faults, tx: at("tx"), rx: at("rx") };
}
