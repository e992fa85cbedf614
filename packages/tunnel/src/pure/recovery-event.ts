/**
 * What a source tells of how its lane was lost, sought and found again. Every change of course is told once, as one of
 * these, and each holds only what is true in it.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { DialFailure, Purpose } from "./reach/attempt.ts";
import type { Destination, PathName } from "./reach/way.ts";

/** Where a lane leads and by which path; the path is null where nobody manages any. */
interface OnWay {
  readonly destination: Destination;
  readonly path: PathName | null;
}

interface HeartbeatDead extends OnWay {
  readonly kind: "heartbeat-dead";
  /** Since the last octet of the peer. */
  readonly silence: Millis;
  /** So many pings were not answered. */
  readonly missed: number;
}

/** The peer, or somebody between, ended the connection. */
interface LaneClosed extends OnWay {
  readonly kind: "lane-closed";
  /** The errno's name; "ended" for an orderly end. */
  readonly code: string;
}

/** What came was no record or frame of this session. */
interface LaneBroken extends OnWay {
  readonly kind: "lane-broken";
  readonly detail: string;
}

interface WriteFailed extends OnWay {
  readonly kind: "write-failed";
  readonly code: string;
}

/** The lane's path is gone, or another is better: a lane by `to` is sought. */
interface PathChanged {
  readonly kind: "path-changed";
  readonly destination: Destination;
  readonly from: PathName | null;
  readonly to: PathName | null;
  readonly why: "gone" | "better";
}

interface RefreshStarted extends OnWay {
  readonly kind: "refresh-started";
}

interface Refreshed extends OnWay {
  readonly kind: "refreshed";
  readonly took: Millis;
  readonly streams: number;
}

/** Every way was tried in vain; the old lane goes on carrying. */
interface RefreshFailed {
  readonly kind: "refresh-failed";
  readonly destination: Destination;
  readonly retryIn: Millis;
}

/** The first lane of a session. */
interface Started extends OnWay {
  readonly kind: "started";
  readonly took: Millis;
}

/** A new lane carries the same session: after one was lost, or by another path. */
interface Resumed extends OnWay {
  readonly kind: "resumed";
  readonly after: "loss" | "move";
  /** Since the lane was lost, or the move began. */
  readonly took: Millis;
  readonly streams: number;
  /** Octets that were sent again. */
  readonly resent: number;
}

/** The session is at its end, and what it carried with it. */
interface SessionLost {
  readonly kind: "session-lost";
  readonly destination: Destination;
  /** The peer has forgotten it, or it was left behind for one at another destination. */
  readonly why: "peer-restarted" | "left-behind";
  readonly streams: number;
}

interface DialFailed extends OnWay {
  readonly kind: "dial-failed";
  readonly purpose: Purpose;
  readonly reason: DialFailure;
  /** For people; never a secret. */
  readonly detail: string;
}

/** The destination refused too often: it is asked seldom now. */
interface BreakerOpened {
  readonly kind: "breaker-opened";
  readonly destination: Destination;
  readonly failures: number;
  readonly retryIn: Millis;
}

interface BreakerClosed {
  readonly kind: "breaker-closed";
  readonly destination: Destination;
  readonly openFor: Millis;
}

/** There is no path to anywhere: nothing is dialled until there is one. */
interface Offline {
  readonly kind: "offline";
}

interface Online {
  readonly kind: "online";
  readonly offlineFor: Millis;
}

/** It takes no new streams, and asks for none; those that there are may finish. */
interface DestinationStopping {
  readonly kind: "destination-stopping";
  readonly destination: Destination;
}

/** The sessions are at another destination from now on. */
interface FailedOver {
  readonly kind: "failed-over";
  readonly from: Destination;
  readonly to: Destination;
}

export type RecoveryEvent =
  | HeartbeatDead
  | LaneClosed
  | LaneBroken
  | WriteFailed
  | PathChanged
  | RefreshStarted
  | Refreshed
  | RefreshFailed
  | Started
  | Resumed
  | SessionLost
  | DialFailed
  | BreakerOpened
  | BreakerClosed
  | Offline
  | Online
  | DestinationStopping
  | FailedOver;
