/** The end of the inner handshake: from all that was exchanged to the proof of each end, and to the session. */
import type { Contribution } from "@ropewalk/crypto/pure/hybrid-combiner";
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";
import {
  aborted,
  type Exchanging,
  followed,
  type HandshakeOutput,
  inputsOf,
  otherOf,
  type Proof,
  type Step,
  unchanged,
} from "./handshake-state.ts";
import { encodeMessage, type Hello } from "./message.ts";
import { epochOf, finishedMac, handshakeSecret } from "./session-keys.ts";
import { sessionIdOf, transcriptHash } from "./transcript.ts";

const nothing: Uint8Array = new Uint8Array();

/** Proves and checks as far as what is there allows. `rest`: what came behind the peer's proof, if that has just come. */
export function concluded(sha384: Sha384, state: Exchanging, rest: Uint8Array = nothing): Step {
  return followed(finished(sha384, state), (next) => established(next, rest));
}

/** Sends this end's proof, once, when nothing of either direction is missing. */
function finished(sha384: Sha384, state: Exchanging): Step {
  const { peerHello, proof } = state;
  if (proof !== undefined || peerHello === undefined) return unchanged(state);
  const contributions = contributionsOf(state);
  if (contributions === undefined) return unchanged(state);
  const { ownMac, ...made } = prove(sha384, state, peerHello, contributions);
  const bytes = encodeMessage({ type: "finished", mac: ownMac });
  const outputs: readonly HandshakeOutput[] = [
    { kind: "transmit", bytes },
    { kind: "erase", secrets: [...inputsOf(state), made.secret] },
  ];
  return { state: { ...state, proof: made.proof }, outputs };
}

/** Every secret of the handshake; undefined while one is missing. */
function contributionsOf({ facts, peerKey, toPeer, fromPeer }: Exchanging): readonly Contribution[] | undefined {
  const { role, mode, kem, exporter, ownKemKey } = facts;
  const tls = { name: "TLS 1.3 exporter", secret: exporter, publicKey: nothing, ciphertext: nothing };
  if (mode === "mlkem768") return [tls];
  if (toPeer === undefined || fromPeer?.secret === undefined) return undefined;
  if (peerKey.publicKey === undefined || ownKemKey === undefined) return undefined;
  const { ciphertext, secret } = fromPeer;
  const toOwn = { name: `${kem.name} to ${role}`, secret, publicKey: ownKemKey, ciphertext };
  const toOther = { name: `${kem.name} to ${otherOf(role)}`, publicKey: peerKey.publicKey, ...toPeer };
  return role === "destination" ? [tls, toOwn, toOther] : [tls, toOther, toOwn];
}

interface Proved {
  readonly ownMac: Uint8Array;
  readonly secret: Uint8Array;
  readonly proof: Proof;
}

function prove(sha384: Sha384, state: Exchanging, hello: Hello, contributions: readonly Contribution[]): Proved {
  const { facts, sent, received } = state;
  const isSource = facts.role === "source";
  const ordered = <T>(own: T, peer: T): readonly [T, T] => (isSource ? [own, peer] : [peer, own]);
  const [sourceLeaf, destinationLeaf] = ordered(facts.ownLeaf, facts.peerLeaf);
  const [sourceMessages, destinationMessages] = ordered(sent, received);
  const version = Math.min(protocolVersion, hello.mostVersion);
  const id = sessionIdOf(sha384, ...ordered(facts.random, hello.random));
  const transcript = transcriptHash(sha384, {
    ...{ version, sourceLeaf, destinationLeaf, sessionId: id, sourceMessages, destinationMessages },
  });
  const secret = handshakeSecret(sha384, contributions, transcript);
  const capabilities = (facts.capabilities & hello.capabilities) >>> 0;
  const { role, mode } = facts;
  return {
    ownMac: finishedMac(sha384, secret, role, transcript),
    secret,
    proof: {
      peerMac: finishedMac(sha384, secret, otherOf(role), transcript),
      session: { id, version, mode, role, capabilities, transcript, epochSecret: epochOf(sha384, secret) },
    },
  };
}

function established(state: Exchanging, rest: Uint8Array): Step {
  const { proof, peerMac } = state;
  if (proof === undefined || peerMac === undefined) return unchanged(state);
  if (!isEqual(proof.peerMac, peerMac)) return aborted(state, "finished-mismatch");
  return { state: { kind: "over" }, outputs: [{ kind: "established", session: proof.session, rest }] };
}

/** In a time that does not tell where they differ. */
export function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [index, octet] of one.entries()) difference |= octet ^ (other[index] ?? 0);
  return difference === 0;
}

export const protocolVersion = 1;
