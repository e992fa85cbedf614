/**
 * What an end of the tunnel shows of itself: read-only pictures, made afresh for each reader. Points in time are milliseconds
 * since 1970; `null` is "there is none" or "not measured".
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { Destination, PathName } from "./pure/reach/way.ts";
import type { RefusalReason } from "./pure/refusal.ts";
import type { ServiceName } from "./pure/services.ts";
import type { CopyStatus } from "./pure/session/copy-counts.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";

/** Octets of one direction and the other, as this end sees them. */
export interface BothWays {
  readonly sent: number;
  readonly received: number;
}

/** The connection that carries a session now. */
export interface LaneStatus {
  readonly since: number;
  /** Each "192.0.2.1 8443". */
  readonly remote: string;
  readonly local: string;
  /** By which the source has it; null at a destination, where nobody manages any, and of a session whose destination is stopping. */
  readonly path: PathName | null;
  /** As the heartbeat or a ping measured it last. */
  readonly rttMs: Millis | null;
  /** How often its keys have changed, each way. */
  readonly keys: BothWays;
  readonly records: BothWays;
  /** On the wire: heads and tags of the records with them. */
  readonly octets: BothWays;
  /** TCP segments that the kernel had to send again; null where it does not say. */
  readonly retransmits: number | null;
}

/** Who the other end has proved to be. */
export interface PeerStatus {
  /** Of its certificate. */
  readonly names: readonly string[];
  /** The subject of the CA that is trusted. */
  readonly authority: string;
  /** When a certificate or a list ends that this rests on. */
  readonly until: number;
}

export interface SessionStatus {
  /** Its name, hexadecimal; no secret. */
  readonly id: string;
  readonly peer: PeerStatus;
  readonly since: number;
  /** `up`: a lane carries it. `absent`: it waits for one, and its streams stand still. */
  readonly state: { readonly kind: "up"; readonly lane: LaneStatus } | AbsentState;
  /** The lane beside it, for copies of what is small; null where there is none. */
  readonly express: LaneStatus | null;
  /** By all its express lanes, since it began. */
  readonly copies: CopyStatus;
  readonly streams: {
    /** Now. */
    readonly open: number;
    readonly limit: number;
    /** Since it began. */
    readonly opened: number;
    readonly refused: number;
  };
  /** Octets: what windows promise of what the session may hold. */
  readonly credit: { readonly used: number; readonly budget: number };
  /** Octets of streams, each counted once however often it was sent. */
  readonly octets: BothWays;
  /** How often another lane has taken it over. */
  readonly resumptions: number;
}

export interface AbsentState {
  readonly kind: "absent";
  readonly since: number;
  /** When it is given up. */
  readonly until: number;
}

/**
 * `asking`: the destination has not answered yet. `open`: both directions go on. `half-closed`: one has come to its end.
 * `resetting`: over at this end; the other has not said so yet.
 */
export type StreamState = "asking" | "open" | "half-closed" | "resetting";

export interface StreamStatus {
  /** The id of its session, and its number there. */
  readonly session: string;
  readonly stream: number;
  /** As people read it: "port 22", "service db", "db.example port 5432". */
  readonly request: string;
  /** Each "192.0.2.1 50000": who connected at the source, and what the destination connected to. Null where this end cannot know. */
  readonly from: string | null;
  readonly to: string | null;
  readonly since: number;
  readonly octets: BothWays;
  /** Octets that are here and have not gone on: to the peer, and to the application. */
  readonly waiting: { readonly toPeer: number; readonly toApplication: number };
  readonly state: StreamState;
}

/** This end's own certificate. */
export interface IdentityStatus {
  readonly names: readonly string[];
  /** Its issuer. */
  readonly authority: string;
  readonly until: number;
}

/** An exposed port of a source, or a place where a destination is reached. */
export interface ListenerStatus {
  readonly address: IpAddress;
  /** The one that it has, even where the configuration leaves it to the system. */
  readonly port: number;
  /** What its connections ask for, as people read it; null at a destination. */
  readonly request: string | null;
  /** Open now, and at most; a destination's are those whose peer is not known yet. */
  readonly connections: number;
  readonly limit: number;
}

export interface DestinationWay {
  readonly destination: Destination;
  /** `open`: it refused too often and is asked seldom. */
  readonly breaker: { readonly kind: "closed" } | { readonly kind: "open"; readonly nextAt: number };
}

/** What a source does about its lane. */
export type ReachStatus =
  | { readonly kind: "up"; readonly destination: Destination }
  /** None yet, or none any more: it is dialled since then, and next at `nextAt`. */
  | {
      readonly kind: "seeking";
      readonly since: number;
      readonly dials: number;
      readonly nextAt: number | null;
      /** Of the last dial that failed, for people. */
      readonly lastFailure: string | null;
    }
  /** There is no path to anywhere. */
  | { readonly kind: "offline"; readonly since: number }
  | { readonly kind: "stopped" };

export interface SourceStatus {
  readonly role: "source";
  readonly isDraining: boolean;
  readonly identity: IdentityStatus;
  readonly reach: ReachStatus;
  /** In order of preference. */
  readonly destinations: readonly DestinationWay[];
  readonly listeners: readonly ListenerStatus[];
  /** One, and those whose destinations are stopping, while their streams finish. */
  readonly sessions: readonly SessionStatus[];
}

export interface ServiceStatus {
  readonly name: ServiceName;
  readonly port: number | null;
  /** "10.0.0.5:5432". */
  readonly target: string;
  readonly connections: number;
  readonly limit: number;
}

export interface DestinationStatus {
  readonly role: "destination";
  readonly isDraining: boolean;
  readonly identity: IdentityStatus;
  readonly listeners: readonly ListenerStatus[];
  readonly services: readonly ServiceStatus[];
  readonly sessions: readonly SessionStatus[];
}

export type TunnelStatus = SourceStatus | DestinationStatus;

/** Numbers that only grow, since the start; what events tell one by one is not counted here. */
export interface TunnelCounts {
  readonly handshakes: number;
  readonly handshakesRefused: ReadonlyMap<RefusalReason, number>;
  readonly streamsOpened: number;
  /** Both directions came to their end. */
  readonly streamsClosed: number;
  /** Over before their time, by either end. */
  readonly streamsReset: ReadonlyMap<ResetReason, number>;
  /** Never opened, by either end. */
  readonly streamsRefused: ReadonlyMap<ResetReason, number>;
  /** Of streams. */
  readonly octets: BothWays;
  /** Of streams, those that were sent more than once. */
  readonly resentOctets: number;
  readonly records: BothWays;
  readonly keyChanges: number;
  /** By express lanes. */
  readonly copies: CopyStatus;
}

/** What came of another configuration: all of it holds, or nothing has changed. */
export type ReloadResult =
  | { readonly kind: "applied" }
  /** For people: what cannot be had, and what to do about it. */
  | { readonly kind: "refused"; readonly reason: string };
