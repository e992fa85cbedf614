/**
 * The epochs of a session: which resumption secrets prove that an end was in it. Each new lane brings an epoch of its own; the one
 * before it is kept until the other end has shown that it has gone over, for the answer that said so may have been lost.
 * Source: docs/protocols/tunnel-session.md, "Resumption".
 */
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";
import { writeU32 } from "@ropewalk/kernel/big-endian";
import { isEqual } from "../handshake/conclusion.ts";
import { otherOf } from "../handshake/handshake-state.ts";
import type { Role } from "../handshake/message.ts";
import type { EpochKeys } from "../lane/epoch-keys.ts";

/** What a handshake has made. */
export interface Epoch {
  /** 16 bytes: the handshake's session identifier. */
  readonly id: Uint8Array;
  /** 48 bytes. */
  readonly transcript: Uint8Array;
  readonly keys: EpochKeys;
}

/** What one resume message says besides streams. */
export interface ResumeClaim {
  readonly attempt: number;
  readonly proof: Uint8Array;
}

export class SessionEpochs {
  /** 16 bytes: the session's name, the identifier of its first handshake. */
  readonly session: Uint8Array;
  readonly #sha384: Sha384;
  readonly #role: Role;
  #current: Epoch;
  /** This end has gone over to it, and does not know yet whether the other has. */
  #candidate: Epoch | undefined;
  #attempt = 0;
  #isErased = false;

  constructor(sha384: Sha384, role: Role, first: Epoch) {
    this.#sha384 = sha384;
    this.#role = role;
    this.session = first.id;
    this.#current = first;
  }

  /** The source's claim on a new lane. Each is another attempt. */
  claim({ transcript }: Epoch): ResumeClaim {
    this.#attempt += 1;
    return { attempt: this.#attempt, proof: this.#proof(this.#current, this.#role, this.#attempt, transcript) };
  }

  /** The destination's judgement: "old" is not to be answered at all. After "good", `next` is the epoch that it answers under. */
  judge({ attempt, proof }: ResumeClaim, next: Epoch): "good" | "old" | "wrong" {
    if (this.#isErased) return "wrong";
    const peer = otherOf(this.#role);
    const believed = [this.#candidate, this.#current].find(
      (epoch) => epoch !== undefined && isEqual(this.#proof(epoch, peer, attempt, next.transcript), proof),
    );
    if (believed === undefined) return "wrong";
    if (attempt <= this.#attempt) return "old";
    this.#attempt = attempt;
    if (believed === this.#candidate) this.confirm();
    if (this.#candidate !== undefined) eraseEpoch(this.#candidate);
    this.#candidate = next;
    return "good";
  }

  /** The destination's answer to a good claim, before the epoch is confirmed. */
  answer(): Uint8Array {
    const next = this.#candidate ?? this.#current;
    return this.#proof(this.#current, this.#role, this.#attempt, next.transcript);
  }

  /** Whether the other end has answered the last claim; if so, this end goes over to `next`. */
  accept(proof: Uint8Array, next: Epoch): boolean {
    const right = this.#proof(this.#current, otherOf(this.#role), this.#attempt, next.transcript);
    if (this.#isErased || !isEqual(right, proof)) return false;
    eraseEpoch(this.#current);
    this.#current = next;
    return true;
  }

  /** The other end has gone over. */
  confirm(): void {
    if (this.#candidate === undefined) return;
    eraseEpoch(this.#current);
    this.#current = this.#candidate;
    this.#candidate = undefined;
  }

  /** From now on nothing proves anything: secrets of zeros are known to everybody. */
  erase(): void {
    this.#isErased = true;
    eraseEpoch(this.#current);
    if (this.#candidate !== undefined) eraseEpoch(this.#candidate);
  }

  #proof({ keys }: Epoch, prover: Role, attempt: number, transcript: Uint8Array): Uint8Array {
    const number = new Uint8Array(4);
    writeU32(number, 0, attempt);
    const said = framed(utf8("ropewalk resume v1"), this.session, number, transcript);
    return this.#sha384.hmac(keys.resumption[prover], said);
  }
}

/** Nothing is to come of it any more. */
export function eraseEpoch(epoch: Epoch): void {
  eraseLaneKeys(epoch);
  zero(epoch.keys.resumption);
}

/** It has its lane: who learns these later would know every key that the lane ever had. */
export function eraseLaneKeys({ keys }: Epoch): void {
  keys.lanes.erase();
  zero(keys.laneAuthentication);
}

function zero({ source, destination }: EpochKeys["resumption"]): void {
  source.fill(0);
  destination.fill(0);
}
