/**
 * What an end of the tunnel tells while it runs, each thing once and with what is true in it alone. A source tells how it lost and
 * found its lane besides; nothing here is a secret, and nothing that strangers cause is told more often than a rate allows.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { LaneLoss } from "./pure/reach/reach-state.ts";
import type { RecoveryEvent } from "./pure/recovery-event.ts";
import type { Refusal, RefusalReason } from "./pure/refusal.ts";
import type { ServiceName } from "./pure/services.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import type { PeerStatus } from "./status.ts";

/** Of which session an end tells. */
interface OfSession {
  /** As `SessionStatus` has it. */
  readonly session: string;
  /** "192.0.2.1 50000": where its last lane came from, or goes. */
  readonly remote: string;
}

interface SessionOpened extends OfSession {
  readonly kind: "session-opened";
  readonly peer: PeerStatus;
}

/** Another lane carries it. */
interface SessionResumed extends OfSession {
  readonly kind: "session-resumed";
  /** `move`: the lane before it still worked. */
  readonly after: "loss" | "move";
  /** Without a lane; 0 after a move. */
  readonly absentFor: Millis;
  readonly streams: number;
  /** Octets that were sent again. */
  readonly resent: number;
}

/** Its lane is lost, and it waits for another. */
interface SessionAbsent extends OfSession {
  readonly kind: "session-absent";
  readonly why: LaneLoss;
  readonly streams: number;
  /** It is given up then. */
  readonly heldFor: Millis;
}

/**
 * `hold-over`: no lane came in time. `left`: the peer ended it. `revoked`: the peer may have none any more. `broken`: the peer did
 * what it may not. `stopped`: this end was stopped. `too-many`: others have taken all the places.
 */
export type SessionEnd = "hold-over" | "left" | "revoked" | "broken" | "stopped" | "too-many";

interface SessionEnded extends OfSession {
  readonly kind: "session-ended";
  readonly why: SessionEnd;
  /** For people; "" where there is no more to say. */
  readonly detail: string;
  /** Cut with it. */
  readonly streams: number;
}

/** It has an express lane, be it another. */
interface ExpressUp extends OfSession {
  readonly kind: "express-up";
}

/** It has none any more, and its own lane carries it as before; one that goes with that lane is not told of. */
interface ExpressLost extends OfSession {
  readonly kind: "express-lost";
  readonly why: LaneLoss;
}

interface StreamRefused {
  readonly kind: "stream-refused";
  /** Null where there was no session to ask. */
  readonly session: string | null;
  /** "port 22", "service db", "db.example port 5432". */
  readonly request: string;
  readonly by: "us" | "peer";
  readonly reason: ResetReason;
  /** What only this end knows; "" where the reason says all. */
  readonly detail: string;
}

/** Too many were refused to tell of each: so many more, since the last one of these. */
interface StreamsRefused {
  readonly kind: "streams-refused";
  readonly numbers: Readonly<Partial<Record<ResetReason, number>>>;
}

interface HandshakeRefused {
  readonly kind: "handshake-refused";
  /** "192.0.2.1 50000". */
  readonly remote: string;
  readonly refusal: Refusal;
}

/** As `StreamsRefused`. */
interface HandshakesRefused {
  readonly kind: "handshakes-refused";
  readonly numbers: Readonly<Partial<Record<RefusalReason, number>>>;
}

/** A service has all the connections that it may; told once, until it has had room again. */
interface ServiceFull {
  readonly kind: "service-full";
  readonly service: ServiceName;
  readonly limit: number;
}

/** An exposed port has all the connections that it may; told as `ServiceFull`. */
interface ListenerFull {
  readonly kind: "listener-full";
  /** "127.0.0.1 5432". */
  readonly place: string;
  readonly limit: number;
}

/** The system gives no more descriptors or memory for connections; told as `ServiceFull`. */
interface ListenerExhausted {
  readonly kind: "listener-exhausted";
  readonly place: string;
  /** The errno's name: "EMFILE". */
  readonly code: string;
}

/** Other files of the identity are in use. */
interface IdentityChanged {
  readonly kind: "identity-changed";
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What is in the files of the identity now cannot be used; what was in use stays. */
interface IdentityKept {
  readonly kind: "identity-kept";
  readonly reason: string;
}

/** Something of this end's own that people should know of: a store that cannot be written, a certificate nobody will accept. */
interface Trouble {
  readonly kind: "trouble";
  readonly text: string;
}

/** It cannot go on: the thread that runs handshakes has died. The process should end, and be started again. */
interface Failed {
  readonly kind: "failed";
  readonly reason: string;
}

export type SessionEvent = SessionOpened | SessionResumed | SessionAbsent | SessionEnded;

export type TunnelEvent =
  | RecoveryEvent
  | SessionEvent
  | ExpressUp
  | ExpressLost
  | StreamRefused
  | StreamsRefused
  | HandshakeRefused
  | HandshakesRefused
  | ServiceFull
  | ListenerFull
  | ListenerExhausted
  | IdentityChanged
  | IdentityKept
  | Trouble
  | Failed;
