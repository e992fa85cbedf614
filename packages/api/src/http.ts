/**
 * What a node answers over HTTP: the routes and the status document, schema 2.
 * A field that was not measured, or that nobody states, is `null`, never zero or an empty string.
 */

import type { MeshSummaryDocument } from "./mesh.ts";
import type { SteeringDocument } from "./steering.ts";

/**
 * Grows when a reader of an older number would misread the document; new fields alone do not change it. In 1 no uplink was
 * measured: `down` was only what could be seen, an uplink without a default route among it, and every other one was `unknown`.
 */
export const statusSchemaNumber = 2;

/**
 * Paths of the API. `uplink` is followed by the uplink's id, percent-encoded, and in a POST by an
 * order; `steering` by a verb.
 */
export const routes = {
  status: "/v1/status",
  uplink: "/v1/uplinks/",
  explanation: "/v1/explanation",
  plan: "/v1/plan",
  steering: "/v1/steering/",
  events: "/v1/events",
  configReload: "/v1/config/reload",
  live: "/healthz",
  ready: "/readyz",
  metrics: "/metrics",
  metricsAlias: "/metricsz",
} as const;

export type AddressFamily = "ipv4" | "ipv6";
export type UplinkKindName = "ethernet" | "wifi" | "lte" | "usb-tether" | "bluetooth-pan" | "virtual" | "unknown";
/** `networkd` and `lease`: the DHCP server said that it is a phone which pays by volume. */
export type MeteredSourceName = "config" | "networkmanager" | "networkd" | "lease";

/** By the state that each belongs to. */
export const reasonCodesByState = {
  up: ["healthy"],
  degraded: ["tcp-blocked", "dns-blocked", "mtu", "loss", "latency", "dns-slow"],
  probing: ["starting", "returning", "suppressed"],
  portal: ["http-intercepted", "tls-name-mismatch", "dns-rewritten"],
  down: ["disabled", "no-carrier", "dormant", "no-address", "beyond-gateway", "silent"],
  unknown: ["no-route", "strict-rp-filter", "no-privilege", "no-target", "not-measured"],
} as const;

/** `unknown` was not measured, or cannot be; it is never bad news. `probing` is not judged yet, or back and not trusted yet. */
export type UplinkStateName = keyof typeof reasonCodesByState;
export type ReasonCodeName = (typeof reasonCodesByState)[UplinkStateName][number];

export type ReachabilityName = "online" | "offline" | "portal" | "unknown";
export type HealthName = "healthy" | "degraded" | "unhealthy" | "draining";

export interface ReasonDocument {
  readonly code: ReasonCodeName;
  /** One sentence for people. */
  readonly text: string;
}

/** `total` is the sum of the others. */
export interface ScoreDocument {
  readonly total: number;
  readonly latency: number;
  readonly loss: number;
  readonly success: number;
  readonly bias: number;
}

/** Rounded, and renewed at most every few seconds. */
export interface FiguresDocument {
  readonly rttMs: number | null;
  readonly jitterMs: number | null;
  /** 0…1, there and back. */
  readonly loss: number | null;
  readonly score: ScoreDocument | null;
}

export interface ProbingDocument {
  readonly profile: "fast" | "normal" | "eco";
  /** What its schedule costs the uplink in a day when nothing is wrong: both directions, octets of IP packets. */
  readonly bytesPerDay: number;
}

export interface FamilyDocument {
  readonly state: UplinkStateName;
  readonly reason: ReasonDocument;
  readonly figures: FiguresDocument;
  readonly source: string | null;
  /** "192.0.2.7/24". */
  readonly addresses: readonly string[];
  readonly gateway: string | null;
  /** What says that there is a way out: a default route of somebody's in the kernel, or a lease of Ropewalk's own. */
  readonly wayOut: "route" | "lease" | null;
  /** Of the kernel's default route; lower wins. */
  readonly metric: number | null;
  readonly network: string | null;
}

export interface ResolversDocument {
  readonly servers: readonly string[];
  readonly source: "config" | "networkmanager" | "networkd" | "lease" | "router-advertisement" | "resolv.conf" | null;
  readonly detail: string;
}

export interface CountersDocument {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

export interface UplinkDocument {
  /** Stays with the hardware through renames, renumbering and restarts. */
  readonly id: string;
  readonly name: string;
  /** The operator's own name for it. */
  readonly label: string | null;
  readonly ifindex: number;
  readonly kind: UplinkKindName;
  /** What the kind was told from. */
  readonly kindSource: string;
  readonly state: UplinkStateName;
  readonly reason: ReasonDocument;
  readonly mtuBytes: number;
  readonly ipv4: FamilyDocument;
  readonly ipv6: FamilyDocument;
  readonly resolvers: ResolversDocument;
  readonly metered: { readonly value: boolean | null; readonly source: MeteredSourceName | null };
  readonly speedMbps: number | null;
  /** Since the interface appeared; they restart when it is plugged in again. */
  readonly counters: CountersDocument | null;
  /** This and the next two: of the family whose state is the uplink's. */
  readonly rttMs: number | null;
  /** 0…1. */
  readonly loss: number | null;
  readonly score: number | null;
  /** Null when it is not probed. */
  readonly probing: ProbingDocument | null;
}

export interface PathDocument {
  readonly uplinkId: string;
  readonly name: string;
  readonly ifindex: number;
  readonly family: AddressFamily;
  readonly source: string;
  readonly gateway: string | null;
  /** Firewall mark of sockets on this path. */
  readonly mark: number;
  readonly mtuBytes: number;
  readonly metered: boolean | null;
  readonly state: "unknown" | "up" | "degraded" | "probing";
  readonly score: number | null;
}

export interface ConnectivityDocument {
  /** Grows by one with every change below. */
  readonly generation: number;
  readonly ipv4: ReachabilityName;
  readonly ipv6: ReachabilityName;
  /** Ids of the uplinks that carry ordinary traffic; null also where it goes into a dead link. */
  readonly active: { readonly ipv4: string | null; readonly ipv6: string | null; readonly overall: string | null };
  /** Best first. */
  readonly usable: readonly PathDocument[];
}

export interface DecisionDocument {
  readonly uplinkId: string | null;
  readonly name: string | null;
  readonly reason: string;
  readonly rejected: readonly { readonly uplinkId: string; readonly name: string; readonly reason: string }[];
  /**
   * The operator's order by which it is chosen; null when it is by merit. `drained-last-resort`: it is to be spared, and no other
   * is as good.
   */
  readonly order: "pinned" | "used" | "drained-last-resort" | null;
  /** Those among which traffic is to be shared, the chosen one among them; empty when it is to take everything. */
  readonly shares: readonly ShareDocument[];
  /** Where the kernel's own routes send traffic now; null when nowhere. */
  readonly kernel: KernelRouteDocument | null;
}

/** What one of several uplinks gets of the new flows. */
export interface ShareDocument {
  readonly uplinkId: string;
  readonly name: string;
  readonly weight: number;
  /** The weight as a share of 100, rounded. */
  readonly percent: number;
}

export interface KernelRouteDocument {
  /** Of several the one that was decided for, else the one with the most weight. */
  readonly uplinkId: string;
  readonly name: string;
  /** The uplink has no carrier and the kernel uses its route all the same: what is sent is lost. */
  readonly isDeadEnd: boolean;
  /** Ropewalk itself made the route. */
  readonly isOurs: boolean;
  /** All the uplinks among which the kernel's route shares traffic; empty when it has one way only. */
  readonly shares: readonly ShareDocument[];
}

export type DecisionsDocument = Readonly<Record<AddressFamily | "overall", DecisionDocument>>;

export interface BackhaulDocument {
  /** True: Ropewalk watches and changes no route; `steering` says why. */
  readonly monitorOnly: boolean;
  readonly steering: SteeringDocument;
  /** False: no packet is sent to measure anything. */
  readonly probing: boolean;
  readonly connectivity: ConnectivityDocument;
  readonly uplinks: readonly UplinkDocument[];
  readonly decisions: DecisionsDocument;
}

export interface HealthDocument {
  readonly state: HealthName;
  /** Every subsystem has reported, and the node is neither draining nor unhealthy. */
  readonly ready: boolean;
  readonly subsystems: readonly SubsystemDocument[];
}

export interface SubsystemDocument {
  readonly name: string;
  /** Null until its first report. */
  readonly state: HealthName | null;
  readonly reason: string | null;
  readonly since: string | null;
}

/** The answer of GET /v1/status. */
export interface NodeStatus {
  readonly schema: typeof statusSchemaNumber;
  readonly version: string;
  readonly pid: number;
  /** ISO 8601, UTC, as all times here. */
  readonly startedAt: string;
  /** When this picture was made. */
  readonly at: string;
  readonly health: HealthDocument;
  readonly backhaul: BackhaulDocument;
  /** Absent where the node is part of no mesh. */
  readonly mesh?: MeshSummaryDocument;
}

/** The answer of POST /v1/config/reload when the file was good. */
export interface ReloadDocument {
  /** Sections whose values differ and are now in force: "backhaul". */
  readonly applied: readonly string[];
  /** Keys that differ and take effect with the next start only: "node.http". */
  readonly needsRestart: readonly string[];
}
