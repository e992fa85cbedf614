/**
 * The inner handshake of a tunnel as a machine: what may come in which order, what is answered, and when both ends have proved to
 * hold the same secrets. It runs inside a TLS connection that has authenticated both ends, and can only add to what that gives.
 *
 *     source                                destination
 *     hello, [KEM ciphertext]      ------>
 *                                  <------  hello, [KEM key], [KEM ciphertext]
 *     [KEM key], [KEM ciphertext]  ------>
 *     finished                     <----->  finished
 *
 * Each end sends as soon as it can: ciphertexts cross, and are decapsulated at once. Nothing else is sent before both finished.
 */

import type { Sha384 } from "@ropewalk/crypto/pure/sha384";
import { joined } from "@ropewalk/kernel/bytes";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { concluded, isEqual, protocolVersion } from "./conclusion.ts";
import type { AbortReason } from "./failure.ts";
import {
  aborted,
  type Encapsulated,
  type Exchanging,
  encapsulation,
  failed,
  followed,
  type HandshakeFacts,
  type HandshakeState,
  otherOf,
  type Step,
  transmitted,
  unchanged,
} from "./handshake-state.ts";
import { decodeMessage, type Hello, isLengthAllowed, type Message, messageType } from "./message.ts";
import { cutFrame, type Frame } from "./message-reader.ts";
import { chained, emptyChain } from "./transcript.ts";

const usualTime = seconds(15);
/** A key of 524 KB takes 66 s at 64 kbit/s, and both may be on their way. */
const timeWithKeys = seconds(180);

/** The first step of either end, at once when TLS has authenticated the peer. */
export function beginHandshake(sha384: Sha384, facts: HandshakeFacts, now: Millis): Step {
  const start: Exchanging = {
    ...{ kind: "exchanging", facts, startedAt: now, pending: [] },
    sent: emptyChain(sha384, facts.role),
    received: emptyChain(sha384, otherOf(facts.role)),
    peerKey: peerKeyOf(sha384, facts),
    ...{ peerHello: undefined, toPeer: undefined, fromPeer: undefined, peerMac: undefined, proof: undefined },
  };
  if (facts.mode === "hybrid" && facts.peerKemPin === undefined) return aborted(start, "peer-unpinned");
  const { role, mode, capabilities, random } = facts;
  const kemKey = start.peerKey.kind;
  const versions = { leastVersion: protocolVersion, mostVersion: protocolVersion };
  const step = transmitted(sha384, start, {
    type: "hello",
    ...{ ...versions, role, mode, kemKey, capabilities, random },
  });
  const { publicKey } = start.peerKey;
  return publicKey === undefined ? step : followed(step, (state) => ({ state, outputs: [encapsulation(publicKey)] }));
}

function peerKeyOf(sha384: Sha384, facts: HandshakeFacts): Exchanging["peerKey"] {
  const { mode, peerKemKey } = facts;
  if (mode === "mlkem768") return { kind: "none", publicKey: undefined };
  return peerKemKey !== undefined && isPinned(sha384, facts, peerKemKey)
    ? { kind: "held", publicKey: peerKemKey }
    : { kind: "wanted", publicKey: undefined };
}

/** Bytes of the peer, as TLS gave them. */
export function receive(sha384: Sha384, state: HandshakeState, bytes: Uint8Array): Step {
  let step: Step = { state, outputs: [] };
  let rest = bytes;
  while (step.state.kind === "exchanging") {
    const current = step.state;
    const cut = cutFrame(current.pending, rest, (type, length) => admission(current, type, length));
    if (cut.kind === "more") return { ...step, state: { ...current, pending: cut.pending } };
    if (cut.kind === "refused") return followed(step, (exchanging) => aborted(exchanging, cut.reason));
    ({ rest } = cut);
    step = followed({ ...step, state: { ...current, pending: [] } }, (exchanging) =>
      accepted(sha384, exchanging, cut.frame, cut.rest),
    );
  }
  return step;
}

/** The answer to "encapsulate". */
export function encapsulated(sha384: Sha384, state: HandshakeState, toPeer: Encapsulated): Step {
  if (state.kind === "over" || state.toPeer !== undefined) return unchanged(state);
  const message: Message = { type: "kem-ciphertext", ciphertext: toPeer.ciphertext };
  return followed(transmitted(sha384, { ...state, toPeer }, message), (next) =>
    concluded(sha384, next, joined(...next.pending)),
  );
}

/** The answer to "decapsulate". */
export function decapsulated(sha384: Sha384, state: HandshakeState, secret: Uint8Array): Step {
  if (state.kind === "over" || state.fromPeer === undefined || state.fromPeer.secret !== undefined) {
    return unchanged(state);
  }
  return concluded(sha384, { ...state, fromPeer: { ...state.fromPeer, secret } }, joined(...state.pending));
}

/** The answer to either that did not come about. */
export function kemFailed(state: HandshakeState): Step {
  return state.kind === "over" ? unchanged(state) : aborted(state, "kem-failed");
}

/** When `expire` is due; undefined when it is over. */
export function deadlineOf(state: HandshakeState): Millis | undefined {
  if (state.kind === "over") return undefined;
  const isKeyComing = state.peerKey.kind === "wanted" || state.peerHello?.kemKey === "wanted";
  return millis(state.startedAt + (isKeyComing ? timeWithKeys : usualTime));
}

export function expire(state: HandshakeState, now: Millis): Step {
  const deadline = deadlineOf(state);
  if (state.kind === "over" || deadline === undefined || now < deadline) return unchanged(state);
  return aborted(state, "deadline");
}

/** Only what this end still waits for is let in, so that no byte of anything else is kept. */
function admission(state: Exchanging, type: number, length: number): AbortReason | undefined {
  if (!isLengthAllowed(type, length, state.facts.kem)) return "malformed-message";
  return isAwaited(state, type) ? undefined : "unexpected-message";
}

function isAwaited({ facts, peerHello, peerKey, toPeer, fromPeer, peerMac }: Exchanging, type: number): boolean {
  const isHybrid = facts.mode === "hybrid";
  switch (type) {
    case messageType.hello:
      return peerHello === undefined;
    case messageType.kemKey:
      return peerHello !== undefined && peerKey.kind === "wanted" && peerKey.publicKey === undefined;
    case messageType.kemCiphertext:
      return peerHello !== undefined && isHybrid && fromPeer === undefined;
    case messageType.finished:
      // The peer cannot have finished before it had all that this end sends.
      return peerHello !== undefined && peerMac === undefined && (!isHybrid || (toPeer && fromPeer) !== undefined);
    default:
      return type === messageType.abort;
  }
}

function accepted(sha384: Sha384, state: Exchanging, frame: Frame, rest: Uint8Array): Step {
  const message = decodeMessage(frame.type, frame.body);
  const seen = () => ({ ...state, received: chained(sha384, state.received, frame.octets) });
  switch (message?.type) {
    case undefined:
      return aborted(state, "malformed-message");
    case "hello":
      return greeted(sha384, seen(), { ...message, random: message.random.slice() });
    case "kem-key":
      return isPinned(sha384, state.facts, message.publicKey)
        ? keyed(seen(), message.publicKey)
        : aborted(state, "kem-key-mismatch");
    case "kem-ciphertext": {
      const ciphertext = message.ciphertext.slice();
      const fromPeer = { ciphertext, secret: undefined };
      return { state: { ...seen(), fromPeer }, outputs: [{ kind: "decapsulate", ciphertext }] };
    }
    case "finished":
      // A proof is of the transcript, and no part of it.
      return concluded(sha384, { ...state, peerMac: message.mac.slice() }, rest);
    case "abort":
      return failed(state, { kind: "peer-aborted", reason: message.reason });
  }
}

function greeted(sha384: Sha384, state: Exchanging, hello: Hello): Step {
  const { facts } = state;
  if (hello.leastVersion > protocolVersion || hello.mostVersion < protocolVersion) {
    return aborted(state, "version-mismatch");
  }
  if (hello.role === facts.role) return aborted(state, "role-mismatch");
  if (hello.mode !== facts.mode) return aborted(state, "mode-mismatch");
  if ((hello.kemKey === "none") !== (facts.mode === "mlkem768")) return aborted(state, "malformed-message");
  const greeting: Step = { state: { ...state, peerHello: hello }, outputs: [] };
  return followed(greeting, (next) => {
    const { ownKemKey } = facts;
    if (hello.kemKey !== "wanted" || ownKemKey === undefined) return concluded(sha384, next);
    return transmitted(sha384, next, { type: "kem-key", publicKey: ownKemKey });
  });
}

function keyed(state: Exchanging, publicKey: Uint8Array): Step {
  return {
    state: { ...state, peerKey: { kind: "wanted", publicKey } },
    outputs: [{ kind: "keep-key", publicKey }, encapsulation(publicKey)],
  };
}

/** Whether the key is the one that the peer's certificate names. */
function isPinned(sha384: Sha384, { peerKemPin }: HandshakeFacts, publicKey: Uint8Array): boolean {
  return peerKemPin !== undefined && isEqual(sha384.hash(publicKey), peerKemPin);
}
