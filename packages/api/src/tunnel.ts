/**
 * What a daemon of the tunnel answers over HTTP: its routes, its status and its streams. Points in time are milliseconds since
 * 1970; `null` is "there is none" or "not measured", never zero or an empty string.
 */
import type { HealthDocument } from "./http.ts";

/** Grows when a reader of an older number would misread the documents; new fields alone do not change it. */
export const tunnelSchemaNumber = 1;

/** `live` and `ready` speak by their status; what changes something is a POST, over the Unix socket only. */
export const tunnelRoutes = {
  status: "/v1/tunnel",
  streams: "/v1/tunnel/streams",
  events: "/v1/tunnel/events",
  refresh: "/v1/tunnel/refresh",
  drain: "/v1/tunnel/drain",
  configReload: "/v1/config/reload",
  live: "/live",
  ready: "/ready",
  metrics: "/metrics",
} as const;

export type TunnelRoleName = "source" | "destination";

/** Of one direction and the other, as this end sees them. */
export interface BothWaysDocument {
  readonly sent: number;
  readonly received: number;
}

export interface LaneDocument {
  readonly since: number;
  /** Each "192.0.2.1 8443". */
  readonly remote: string;
  readonly local: string;
  /** "wan0 ipv4"; null at a destination, and where nobody manages paths. */
  readonly path: string | null;
  readonly rttMs: number | null;
  /** How often its keys have changed. */
  readonly keys: BothWaysDocument;
  readonly records: BothWaysDocument;
  /** On the wire. */
  readonly octets: BothWaysDocument;
  readonly retransmits: number | null;
}

export interface TunnelPeerDocument {
  readonly names: readonly string[];
  readonly authority: string;
  readonly until: number;
}

export type SessionStateDocument =
  | { readonly kind: "up"; readonly lane: LaneDocument }
  | { readonly kind: "absent"; readonly since: number; readonly until: number };

/**
 * Copies, by all express lanes of a session since it began. Of those that came, `first` brought something new, `late` what the other
 * lane had brought, and `early` came before what they follow on, and were passed over.
 */
export type CopiesDocument = Readonly<Record<"sent" | "first" | "late" | "early", number>>;

export interface SessionDocument {
  readonly id: string;
  readonly peer: TunnelPeerDocument;
  readonly since: number;
  readonly state: SessionStateDocument;
  /** The lane beside it, for copies of what is small; null where there is none. */
  readonly express: LaneDocument | null;
  readonly copies: CopiesDocument;
  readonly streams: {
    readonly open: number;
    readonly limit: number;
    readonly opened: number;
    readonly refused: number;
  };
  readonly credit: { readonly usedBytes: number; readonly budgetBytes: number };
  /** Of streams, each counted once. */
  readonly octets: BothWaysDocument;
  readonly resumptions: number;
}

export interface TunnelListenerDocument {
  readonly address: string;
  readonly port: number;
  /** What its connections ask for; null at a destination. */
  readonly request: string | null;
  readonly connections: number;
  readonly limit: number;
}

export type BreakerDocument = { readonly kind: "closed" } | { readonly kind: "open"; readonly nextAt: number };

export interface DestinationWayDocument {
  /** "hub.example:8443". */
  readonly destination: string;
  readonly breaker: BreakerDocument;
}

export type ReachDocument =
  | { readonly kind: "up"; readonly destination: string }
  | {
      readonly kind: "seeking";
      readonly since: number;
      readonly dials: number;
      readonly nextAt: number | null;
      readonly lastFailure: string | null;
    }
  | { readonly kind: "offline"; readonly since: number }
  | { readonly kind: "stopped" };

export interface ServiceDocument {
  readonly name: string;
  readonly port: number | null;
  readonly target: string;
  readonly connections: number;
  readonly limit: number;
}

interface EndDocument {
  readonly isDraining: boolean;
  /** This end's own certificate. */
  readonly identity: TunnelPeerDocument;
  readonly listeners: readonly TunnelListenerDocument[];
  readonly sessions: readonly SessionDocument[];
}

export interface SourceDocument extends EndDocument {
  readonly role: "source";
  readonly reach: ReachDocument;
  readonly destinations: readonly DestinationWayDocument[];
}

export interface DestinationDocument extends EndDocument {
  readonly role: "destination";
  readonly services: readonly ServiceDocument[];
}

/** The answer of GET /v1/tunnel. */
export interface TunnelStatusDocument {
  readonly schema: typeof tunnelSchemaNumber;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  /** When this picture was made. */
  readonly at: number;
  readonly health: HealthDocument;
  readonly end: SourceDocument | DestinationDocument;
}

export type StreamStateName = "asking" | "open" | "half-closed" | "resetting";

export interface StreamDocument {
  readonly session: string;
  readonly stream: number;
  /** "port 22", "service db", "db.example port 5432". */
  readonly request: string;
  /** Who connected at the source, and what the destination connected to; null where this end cannot know. */
  readonly from: string | null;
  readonly to: string | null;
  readonly since: number;
  readonly octets: BothWaysDocument;
  /** Here, and not gone on yet. */
  readonly waiting: { readonly toPeerBytes: number; readonly toApplicationBytes: number };
  readonly state: StreamStateName;
}

/** The answer of GET /v1/tunnel/streams. */
export interface TunnelStreamsDocument {
  readonly schema: typeof tunnelSchemaNumber;
  readonly at: number;
  readonly streams: readonly StreamDocument[];
}

/** The answer of a POST that was obeyed; what comes of it is told by events. */
export interface TunnelActDocument {
  /** That it concerns. */
  readonly streams: number;
  /** So long the streams have, at a drain; null at a refresh. */
  readonly withinMs: number | null;
}
