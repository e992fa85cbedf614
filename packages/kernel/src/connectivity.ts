/**
 * What the backhaul tells every other part of the node: whether the internet is there, and by which paths.
 * It is level-triggered: read the latest, act on the difference to what you did last.
 */
import type { Family, IpAddress } from "./addresses.ts";
import type { Branded, Bytes } from "./units.ts";

/** Names one uplink for as long as its hardware stays: its device path, else its permanent or current MAC address. */
export type UplinkId = Branded<string, "UplinkId">;

/** `unknown` means not measured, never bad. */
export type Reachability = "online" | "offline" | "portal" | "unknown";

/** One way out: an uplink, an address family and the source address that belongs to it. */
export interface PathBinding {
  readonly uplinkId: UplinkId;
  /** The interface's name now; a rename changes it, `uplinkId` stays. */
  readonly name: string;
  readonly ifindex: number;
  readonly family: Family;
  readonly source: IpAddress;
  /** Null on a point-to-point link, which needs none. */
  readonly gateway: IpAddress | null;
  /** Firewall mark of sockets on this path. */
  readonly mark: number;
  readonly mtu: Bytes;
  /** Null when nobody says. */
  readonly metered: boolean | null;
  /** Uplinks that are down or behind a portal have no binding. */
  readonly state: "unknown" | "up" | "degraded" | "probing";
  /** Null until measured. */
  readonly score: number | null;
}

export interface Connectivity {
  /** Grows by one with every change of anything below. */
  readonly generation: number;
  readonly ipv4: Reachability;
  readonly ipv6: Reachability;
  /** The uplink that carries ordinary traffic, per family, and the one to name when only one can be named. */
  readonly active: { readonly ipv4?: UplinkId; readonly ipv6?: UplinkId; readonly overall?: UplinkId };
  /** Every path with carrier, address and route, best first. */
  readonly usable: readonly PathBinding[];
}
