/**
 * What the program of an exit node answers over HTTP: how it is, whom it carries, and what a comparison with its device found. Points in
 * time are milliseconds since 1970; `null` is "there is none" or "not known", never zero or an empty string.
 */
import type { HealthDocument } from "./http.ts";

/** Grows when a reader of an older number would misread the documents; new fields alone do not change it. */
export const coreSchemaNumber = 1;

/** `live` and `ready` speak by their status; what changes something is a POST. That, and the peers, over the Unix socket only. */
export const coreRoutes = {
  status: "/v1/core",
  peers: "/v1/core/peers",
  events: "/v1/core/events",
  reconcile: "/v1/core/reconcile",
  live: "/live",
  ready: "/ready",
  metrics: "/metrics",
} as const;

export interface CoreDeviceDocument {
  readonly name: string;
  /** Whose WireGuard it is of. */
  readonly driver: "kernel" | "wireguard-go";
  readonly publicKey: string;
  readonly listenPort: number;
  /** Where customers send: "exit.example:51820". */
  readonly endpoint: string;
  readonly mtu: number;
}

export interface CoreCountsDocument {
  readonly peers: number;
  readonly capacity: number;
  /** Peers of which only the device knew, when this began. */
  readonly strangers: number;
  readonly tombstones: number;
  /** Addresses that nobody is given yet. */
  readonly resting: number;
}

export interface CoreEntryDocument {
  /** "entry.example:7441"; null where none is configured. */
  readonly address: string | null;
  /** When it last answered; null when it has not since this began. */
  readonly heardAt: number | null;
  /** Why it does not; null while it does. */
  readonly fault: string | null;
  /** Whether it gives this exit new sessions; null before it said. */
  readonly isAdmitted: boolean | null;
}

export interface CoreReconcileDocument {
  readonly at: number;
  readonly tookMs: number;
  /** Of peers on the device. */
  readonly added: number;
  readonly removed: number;
  readonly updated: number;
}

/** Why packets were dropped, since the firewall's table was made. */
export interface CoreDropDocument {
  readonly reason: string;
  readonly packets: number;
  readonly bytes: number;
}

/** The answer of GET /v1/core. */
export interface CoreStatusDocument {
  readonly schema: typeof coreSchemaNumber;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  /** When this picture was made. */
  readonly at: number;
  readonly health: HealthDocument;
  readonly device: CoreDeviceDocument;
  /** CIDR notation. */
  readonly pools: readonly string[];
  readonly ownAddresses: readonly string[];
  readonly counts: CoreCountsDocument;
  readonly orders: {
    /** The life of the node that deadlines are of. */
    readonly boot: string;
    readonly latestGeneration: number;
    readonly watermark: number;
    readonly wantsSnapshot: boolean;
  };
  readonly entry: CoreEntryDocument;
  /** The last comparison; null before the first. */
  readonly reconcile: CoreReconcileDocument | null;
  /** Empty where nft does not tell. */
  readonly drops: readonly CoreDropDocument[];
}

export interface CorePeerDocument {
  readonly placement: string;
  readonly generation: number;
  readonly publicKey: string;
  readonly addresses: readonly string[];
  readonly hasPresharedKey: boolean;
  readonly leaseLeftMs: number;
  /** Null unless core.byte_counts is on, and while the device does not have it. */
  readonly traffic: CoreTrafficDocument | null;
}

export interface CoreTrafficDocument {
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly lastHandshakeAt: number | null;
}

/** The answer of GET /v1/core/peers. */
export interface CorePeersDocument {
  readonly schema: typeof coreSchemaNumber;
  readonly at: number;
  readonly peers: readonly CorePeerDocument[];
}

/** What the event stream tells: first the whole, then each change of it, no more often than each second. */
export type CoreEventDocument = {
  readonly kind: "snapshot" | "changed";
  readonly at: number;
  readonly status: CoreStatusDocument;
};
