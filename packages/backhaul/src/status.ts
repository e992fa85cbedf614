/** What the backhaul shows of itself: one read-only picture, made afresh for each reader. `null` is "not measured" or "nobody says". */
import type { Family, IpAddress, Prefix } from "@ropewalk/kernel/addresses";
import type { Connectivity, UplinkId } from "@ropewalk/kernel/connectivity";
import type { Bytes } from "@ropewalk/kernel/units";
import type { OperatorOrder, OrderOutcome } from "./pure/orders.ts";

/** What kind of thing an uplink is, and so how much it is liked before anything is measured. */
export type UplinkKind = "ethernet" | "wifi" | "lte" | "usb-tether" | "bluetooth-pan" | "virtual" | "unknown";

/**
 * `up`, `degraded` (usable, with something wrong), `probing` (not judged yet, or back and not trusted yet), `portal` (somebody
 * answers in the internet's place), `down`, and `unknown`: not measured, or not measurable without changing the kernel.
 */
export type UplinkState = "up" | "degraded" | "probing" | "portal" | "down" | "unknown";

/** In groups by the state that each belongs to. */
export const reasonCodes = {
  up: ["healthy"],
  degraded: ["tcp-blocked", "dns-blocked", "mtu", "loss", "latency", "dns-slow"],
  probing: ["starting", "returning", "suppressed"],
  portal: ["http-intercepted", "tls-name-mismatch", "dns-rewritten"],
  down: ["disabled", "no-carrier", "dormant", "no-address", "beyond-gateway", "silent"],
  unknown: ["no-route", "strict-rp-filter", "no-privilege", "no-target", "not-measured"],
} as const;

export type UplinkReasonCode = (typeof reasonCodes)[UplinkState][number];

export interface UplinkReason {
  readonly code: UplinkReasonCode;
  /** One sentence for people: what is so, and what would change it. */
  readonly text: string;
}

/** The seed's formula (004 "Interface Scoring"): `total` is the sum of the others, each rounded. */
export interface ScoreStatus {
  readonly total: number;
  /** 0…weight_latency (300): all of it at 0 ms, none at max_rtt (200 ms). */
  readonly latency: number;
  /** 0…weight_loss (200): all of it without loss, none at max_loss (10 %). */
  readonly loss: number;
  /** 0…weight_success (500): the share of probe kinds that succeed. */
  readonly success: number;
  /** Of the uplink's kind, times the multiplier. */
  readonly bias: number;
}

/** What was measured of one path, rounded and renewed at most every few seconds; null is "not measured". */
export interface PathFigures {
  readonly rttMs: number | null;
  readonly jitterMs: number | null;
  /** 0…1, there and back. */
  readonly loss: number | null;
  readonly score: ScoreStatus | null;
}

export interface FamilyStatus {
  readonly state: UplinkState;
  readonly reason: UplinkReason;
  readonly figures: PathFigures;
  /** The address that sockets on this uplink use; null when there is none. */
  readonly source: IpAddress | null;
  readonly addresses: readonly Prefix[];
  /** Null without a default route, and on a point-to-point link that needs none. */
  readonly gateway: IpAddress | null;
  /** What says that there is a way out: a default route of somebody's in the kernel, or a lease of Ropewalk's own. */
  readonly wayOut: "route" | "lease" | null;
  /** Metric of the kernel's default route by this uplink; null without one. */
  readonly metric: number | null;
  /** The network the uplink is in now; it changes with renumbering while the uplink's id stays. */
  readonly network: Prefix | null;
}

export interface ResolverStatus {
  readonly servers: readonly IpAddress[];
  readonly source: "config" | "networkmanager" | "networkd" | "lease" | "router-advertisement" | "resolv.conf" | null;
  /** Where they were found, or why there are none. */
  readonly detail: string;
}

export interface MeteredStatus {
  readonly value: boolean | null;
  /** `networkd` and `lease`: the DHCP server called itself a phone that pays by volume. */
  readonly source: "config" | "networkmanager" | "networkd" | "lease" | null;
}

export interface UplinkStatus {
  readonly id: UplinkId;
  /** The interface's name. */
  readonly name: string;
  /** The operator's own name for it; null when none is configured. */
  readonly label: string | null;
  readonly ifindex: number;
  readonly kind: UplinkKind;
  /** What the kind was told from: "driver e1000e", "DEVTYPE wlan", "name usb0". */
  readonly kindSource: string;
  readonly state: UplinkState;
  readonly reason: UplinkReason;
  readonly mtu: Bytes;
  readonly ipv4: FamilyStatus;
  readonly ipv6: FamilyStatus;
  readonly resolvers: ResolverStatus;
  readonly metered: MeteredStatus;
  readonly speedMbps: number | null;
  /** Read when the status is asked for; null in events, and when the interface vanished meanwhile. */
  readonly counters: UplinkCounters | null;
  /** Those of the family whose state is the uplink's. */
  readonly rttMs: number | null;
  readonly loss: number | null;
  readonly score: number | null;
  /** How it is probed; null when nothing is. */
  readonly probing: ProbingStatus | null;
}

export type ProbeProfileName = "fast" | "normal" | "eco";

export interface ProbingStatus {
  readonly profile: ProbeProfileName;
  /** What the profile's schedule costs this uplink in a day when nothing is wrong: both directions, IP packets. */
  readonly bytesPerDay: number;
}

export interface UplinkCounters {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

export interface RejectedUplink {
  readonly uplinkId: UplinkId;
  readonly name: string;
  readonly reason: string;
}

/** Which uplink Ropewalk would use, why, and why not the others. */
export interface Decision {
  readonly uplinkId: UplinkId | null;
  readonly name: string | null;
  readonly reason: string;
  readonly rejected: readonly RejectedUplink[];
  /**
   * The operator's order by which it is chosen; null when it is by merit. `drained-last-resort`: it is to be spared, and no other
   * is as good.
   */
  readonly order: "pinned" | "used" | "drained-last-resort" | null;
  /** Those among which traffic is to be shared, most first, the chosen one among them; empty when it is to take everything. */
  readonly shares: readonly Share[];
  /** Where the kernel's own routes send traffic now; null when nowhere. While we only watch, this is what traffic does. */
  readonly kernel: KernelRoute | null;
}

/** What one of several uplinks gets of the new flows. */
export interface Share {
  readonly uplinkId: UplinkId;
  readonly name: string;
  /** 1…256, beside those of the others. */
  readonly weight: number;
  /** The weight as a share of 100, rounded. */
  readonly percent: number;
}

export interface KernelRoute {
  /** Of several the one that was decided for, else the one with the most weight. */
  readonly uplinkId: UplinkId;
  readonly name: string;
  /**
   * The uplink has no carrier, and the kernel uses its route all the same: what is sent is lost. Linux does so unless
   * net.*.conf.*.ignore_routes_with_linkdown says otherwise.
   */
  readonly isDeadEnd: boolean;
  /** Ropewalk itself made the route. */
  readonly isOurs: boolean;
  /** All the uplinks among which the kernel's route shares traffic; empty when it has one way only. */
  readonly shares: readonly Share[];
}

export type DecisionScope = Family | "overall";

export interface BackhaulStatus {
  readonly probing: boolean;
  readonly connectivity: Connectivity;
  readonly uplinks: readonly UplinkStatus[];
  readonly decisions: Readonly<Record<DecisionScope, Decision>>;
}

/** One thing that changed or was ordered, in the order it was seen. */
export type BackhaulEvent =
  | { readonly kind: "uplink-added"; readonly uplink: UplinkStatus }
  | { readonly kind: "uplink-changed"; readonly uplink: UplinkStatus; readonly changed: readonly string[] }
  | { readonly kind: "uplink-removed"; readonly uplinkId: UplinkId; readonly name: string; readonly reason: string }
  /** The operator spoke; `name` is the interface, or the uplink's id where there is none. Both are null when all was released. */
  | {
      readonly kind: "order";
      readonly order: OperatorOrder["kind"];
      readonly uplinkId: UplinkId | null;
      readonly name: string | null;
      readonly outcome: OrderOutcome;
    }
  | {
      readonly kind: "connectivity";
      readonly connectivity: Connectivity;
      readonly decisions: Readonly<Record<DecisionScope, Decision>>;
    };
