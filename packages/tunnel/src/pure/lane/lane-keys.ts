/**
 * From an epoch's secrets to the keys under which one lane's records are sealed, for each direction. Every lane has fresh nonces of
 * both ends in its secrets, and every generation of a key is one-way from the one before: no key is ever made twice.
 * Source: docs/protocols/tunnel-session.md, "Lanes".
 */
import { expand } from "@ropewalk/crypto/pure/hkdf";
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { type Sha384, sha384Length } from "@ropewalk/crypto/pure/sha384";
import type { Role } from "../handshake/message.ts";
import { writeU32 } from "../wire/big-endian.ts";

const label = utf8("ropewalk lane v1");

/** What makes a lane unlike every other. */
export interface LaneNonces {
  /** Counted from 1 within the epoch. */
  readonly lane: number;
  /** 32 bytes each, fresh. */
  readonly sourceNonce: Uint8Array;
  readonly destinationNonce: Uint8Array;
}

/** By sender: 48 bytes, of generation 0. Who takes one to seal or open with owns it, and erases it. */
export type LaneSecrets = Readonly<Record<Role, Uint8Array>>;

export interface RecordKey {
  /** AES-256-GCM: 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes, into which the number of each record is mixed. */
  readonly iv: Uint8Array;
}

/** `epochLanes`: the epoch's secrets for lanes. */
export function laneSecrets(sha384: Sha384, epochLanes: LaneSecrets, nonces: LaneNonces): LaneSecrets {
  const number = new Uint8Array(4);
  writeU32(number, 0, nonces.lane);
  const info = framed(label, number, nonces.sourceNonce, nonces.destinationNonce);
  return {
    source: expand(sha384, epochLanes.source, info, sha384Length),
    destination: expand(sha384, epochLanes.destination, info, sha384Length),
  };
}

/** That of the next generation. One-way: who has erased the one before cannot open what was sealed under it. */
export function nextLaneSecret(sha384: Sha384, secret: Uint8Array): Uint8Array {
  return expand(sha384, secret, framed(label, utf8("next")), sha384Length);
}

/** Of the secret's generation. */
export function recordKey(sha384: Sha384, secret: Uint8Array): RecordKey {
  return {
    key: expand(sha384, secret, framed(label, utf8("key")), 32),
    iv: expand(sha384, secret, framed(label, utf8("iv")), 12),
  };
}
