/** A source's session: what carries it, and what proves that a new lane is of it. */
import type { Carrier } from "./carrier.ts";
import type { Lane, SessionFrame } from "./io/lane.ts";
import type { Established } from "./io/thread-messages.ts";
import { type PeerIdentity, peerIdentity } from "./pure/peer-identity.ts";
import type { Epoch, SessionEpochs } from "./pure/session/epochs.ts";
import type { Frame } from "./pure/wire/frame.ts";

export interface SourceSession {
  readonly carrier: Carrier;
  readonly epochs: SessionEpochs;
  readonly identity: PeerIdentity;
  readonly since: number;
  /** Disposing it says that the session has ended by itself. */
  standing: Disposable;
  resumptions: number;
}

/** A lane that has come up, and what is asked on it. */
export interface Candidate {
  readonly lane: Lane;
  readonly epoch: Epoch;
  readonly established: Established;
}

/** What the destination answers to the first frame of a lane. */
export type Answer =
  | (Frame & { readonly type: "started" })
  | (Frame & { readonly type: "resumed" })
  | (Frame & { readonly type: "unknown" });

export function isAnswer(frame: SessionFrame | undefined): frame is SessionFrame & Answer {
  return frame?.type === "started" || frame?.type === "resumed" || frame?.type === "unknown";
}

export function identityOf({ chain }: Established): PeerIdentity {
  return peerIdentity(chain);
}
