/** What the thread that accepts or dials connections and the thread that runs handshakes say to each other. */
import type { MessagePort } from "node:worker_threads";
import type { CertificateFacts } from "@ropewalk/crypto/certificates/pure/certificate-facts";
import type { Millis } from "@ropewalk/kernel/units";
import type { AgreedSession } from "../pure/handshake/handshake-state.ts";
import type { Mode, Role } from "../pure/handshake/message.ts";
import type { Refusal } from "../pure/refusal.ts";
import type { IdentityFacts, IdentityFiles } from "./identity.ts";
import type { Peer } from "./peer-verdict.ts";

/** What a handshake is for, and whom it may find. */
export interface HandshakeTask {
  readonly role: Role;
  readonly mode: Mode;
  /** Names of certificates of which the peer's must have one; undefined lets in whoever the CA signed for the role. */
  readonly allow: readonly string[] | undefined;
  /** For TLS, until the peer is known. The inner handshake has a deadline of its own. */
  readonly authenticateWithin: Millis;
}

/** To the thread. */
export type ToThread =
  /** Read these files and use what is in them from the next handshake on, or keep what there is and say why. */
  | { readonly kind: "use"; readonly files: IdentityFiles; readonly fitFor: Role | undefined }
  /** `fd` is the connection, `early` what was read of it already; `port` takes what is to be said of it. */
  | {
      readonly kind: "begin";
      readonly task: HandshakeTask;
      readonly fd: number;
      readonly early: Uint8Array;
      readonly port: MessagePort;
    }
  /** Cut off what is under way, and end. */
  | { readonly kind: "stop" };

export type FromThread =
  | { readonly kind: "using"; readonly facts: IdentityFacts }
  | { readonly kind: "unusable"; readonly reason: string }
  /** For the log. */
  | { readonly kind: "trouble"; readonly reason: string };

/** What the thread is started with. */
export interface ThreadOptions {
  /** Where KEM keys of peers are kept; undefined where they are not. */
  readonly kemKeyFolder: string | undefined;
}

/** To one handshake. `abort`: at once, and without a word to the peer. */
export type ToHandshake = { readonly kind: "end" } | { readonly kind: "abort" };

export type FromHandshake =
  /** What there was to compute for the first answer is done. */
  | { readonly kind: "answered" }
  /** TLS is done and the peer may be a peer. */
  | { readonly kind: "authenticated" }
  | { readonly kind: "established"; readonly established: Established }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** Something of this end's own failed; for its log. */
  | { readonly kind: "trouble"; readonly reason: string }
  /** The connection of a session that was established is no more. */
  | { readonly kind: "ended" };

/** What a handshake came to. */
export interface Established {
  readonly session: AgreedSession;
  readonly peer: Peer;
  /** Of the certificates: the peer's first, the trusted CA last. */
  readonly chain: readonly CertificateFacts[];
  /** Milliseconds since 1970: when something that this rests on ends. */
  readonly until: number;
  readonly negotiated: Negotiated;
  readonly times: HandshakeTimes;
}

export interface Negotiated {
  readonly tlsVersion: string;
  readonly group: string;
  readonly cipher: string;
  readonly signature: string;
  readonly protocol: string;
}

/** Since the thread took the handshake up. */
export interface HandshakeTimes {
  readonly tls: Millis;
  readonly established: Millis;
}
