/** What an end of the inner handshake knows and does: the words of the machine in `handshake.ts`. */
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";
import type { Millis } from "@ropewalk/kernel/units";
import type { AbortReason, HandshakeFailure } from "./failure.ts";
import { encodeMessage, type Hello, type KemSizes, type Message, type Mode, type Role } from "./message.ts";
import type { Pending } from "./message-reader.ts";
import { type Chain, chained } from "./transcript.ts";

/** What an end brings to its handshake. */
export interface HandshakeFacts {
  readonly role: Role;
  readonly mode: Mode;
  readonly kem: KemSizes;
  readonly capabilities: number;
  /** 32 bytes, fresh. */
  readonly random: Uint8Array;
  /** What TLS exports of this connection: 48 bytes. */
  readonly exporter: Uint8Array;
  /** Leaf certificates as DER, as TLS proved them. */
  readonly ownLeaf: Uint8Array;
  readonly peerLeaf: Uint8Array;
  /** This end's own public KEM key; undefined outside hybrid mode, as are the peer's. */
  readonly ownKemKey: Uint8Array | undefined;
  /** SHA-384 of the peer's public KEM key, as its certificate says. */
  readonly peerKemPin: Uint8Array | undefined;
  /** The peer's public KEM key, kept from an earlier handshake. */
  readonly peerKemKey: Uint8Array | undefined;
}

export interface Encapsulated {
  readonly ciphertext: Uint8Array;
  readonly secret: Uint8Array;
}

export interface Exchanging {
  readonly kind: "exchanging";
  readonly facts: HandshakeFacts;
  readonly startedAt: Millis;
  readonly pending: Pending;
  readonly sent: Chain;
  readonly received: Chain;
  readonly peerHello: Hello | undefined;
  /** Whether this end had the peer's key from the start, or asked for it. */
  readonly peerKey: { readonly kind: Hello["kemKey"]; readonly publicKey: Uint8Array | undefined };
  /** For the peer; its ciphertext was sent. */
  readonly toPeer: Encapsulated | undefined;
  readonly fromPeer: { readonly ciphertext: Uint8Array; readonly secret: Uint8Array | undefined } | undefined;
  /** What the peer sent as its proof, which may come before this end can check it. */
  readonly peerMac: Uint8Array | undefined;
  /** Once this end has sent its own: what the peer must prove, and what both then have. */
  readonly proof: Proof | undefined;
}

export interface Proof {
  readonly peerMac: Uint8Array;
  readonly session: AgreedSession;
}

export type HandshakeState = Exchanging | { readonly kind: "over" };

/** What two ends agreed on. */
export interface AgreedSession {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly version: number;
  readonly mode: Mode;
  readonly role: Role;
  /** What both have. */
  readonly capabilities: number;
  /** 48 bytes. */
  readonly transcript: Uint8Array;
  /** The secret of the first epoch, 48 bytes: whoever takes it erases it. */
  readonly epochSecret: Uint8Array;
}

export type HandshakeOutput =
  | { readonly kind: "transmit"; readonly bytes: Uint8Array }
  /** Answered by `encapsulated` or `kemFailed`. */
  | { readonly kind: "encapsulate"; readonly publicKey: Uint8Array }
  /** With this end's own key; answered by `decapsulated` or `kemFailed`. */
  | { readonly kind: "decapsulate"; readonly ciphertext: Uint8Array }
  /** The peer's key is the one that its certificate pins: worth keeping. */
  | { readonly kind: "keep-key"; readonly publicKey: Uint8Array }
  /** `rest`: what came behind the peer's proof, and is not of the handshake. */
  | { readonly kind: "established"; readonly session: AgreedSession; readonly rest: Uint8Array }
  | { readonly kind: "failed"; readonly failure: HandshakeFailure }
  /** Nobody needs these bytes again. */
  | { readonly kind: "erase"; readonly secrets: readonly Uint8Array[] };

export interface Step {
  readonly state: HandshakeState;
  readonly outputs: readonly HandshakeOutput[];
}

/** `next` after `step`, unless that was the last. */
export function followed(step: Step, next: (state: Exchanging) => Step): Step {
  if (step.state.kind === "over") return step;
  const { state, outputs } = next(step.state);
  return { state, outputs: [...step.outputs, ...outputs] };
}

export function unchanged(state: HandshakeState): Step {
  return { state, outputs: [] };
}

/** Sends a message that the transcript takes in. */
export function transmitted(sha384: Sha384, state: Exchanging, message: Message): Step {
  const bytes = encodeMessage(message);
  return { state: { ...state, sent: chained(sha384, state.sent, bytes) }, outputs: [{ kind: "transmit", bytes }] };
}

export function encapsulation(publicKey: Uint8Array): HandshakeOutput {
  return { kind: "encapsulate", publicKey };
}

/** Tells the peer why. */
export function aborted(state: Exchanging, reason: AbortReason): Step {
  const { outputs, ...step } = failed(state, { kind: "aborted", reason });
  return { ...step, outputs: [{ kind: "transmit", bytes: encodeMessage({ type: "abort", reason }) }, ...outputs] };
}

export function failed(state: Exchanging, failure: HandshakeFailure): Step {
  const made = state.proof === undefined ? [] : [state.proof.session.epochSecret];
  const secrets = [...inputsOf(state), ...made];
  return {
    state: { kind: "over" },
    outputs: [
      { kind: "failed", failure },
      { kind: "erase", secrets },
    ],
  };
}

/** The secrets that went into the handshake. */
export function inputsOf({ facts, toPeer, fromPeer }: Exchanging): readonly Uint8Array[] {
  return [facts.exporter, toPeer?.secret, fromPeer?.secret].filter((secret) => secret !== undefined);
}

export function otherOf(role: Role): Role {
  return role === "source" ? "destination" : "source";
}
