/**
 * From an epoch's secrets to the keys under which one lane's records are sealed, for each direction. Every lane has a secret of its own
 * and fresh nonces of both ends in its keys, and every generation of a key is one-way from the one before: no key is ever made twice,
 * and what is in memory opens nothing of a lane before.
 * Source: docs/protocols/tunnel-session.md, "Lanes".
 */
import { expand } from "@ropewalk/crypto/pure/hkdf";
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { type Sha384, sha384Length } from "@ropewalk/crypto/pure/sha384";
import { writeU32 } from "@ropewalk/kernel/big-endian";
import type { Role } from "../handshake/message.ts";

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

/** More lanes than any session has need of between two handshakes. */
const lastLane = 64;
const roles: readonly Role[] = ["source", "destination"];

/** The links of an epoch, one for each lane and direction: the next follows from each, and none that was before. */
export class LaneChain {
  readonly #sha384: Sha384;
  /** Of the next lane. */
  readonly #links: LaneSecrets;
  #next = 1;

  /** Takes over the first links, 48 bytes each. */
  constructor(sha384: Sha384, first: LaneSecrets) {
    this.#sha384 = sha384;
    this.#links = first;
  }

  /** The secrets of a lane, whose link is erased, as are those of lanes that were passed over; undefined: there is none for it any more. */
  take({ lane, sourceNonce, destinationNonce }: LaneNonces): LaneSecrets | undefined {
    if (lane < this.#next || lane > lastLane) return undefined;
    while (this.#next < lane) this.#step();
    const number = new Uint8Array(4);
    writeU32(number, 0, lane);
    const info = framed(label, number, sourceNonce, destinationNonce);
    const { source, destination } = this.#links;
    const secrets = {
      source: expand(this.#sha384, source, info, sha384Length),
      destination: expand(this.#sha384, destination, info, sha384Length),
    };
    this.#step();
    return secrets;
  }

  /** There are no more lanes. */
  erase(): void {
    this.#next = lastLane + 1;
    for (const role of roles) this.#links[role].fill(0);
  }

  #step(): void {
    for (const role of roles) {
      const next = expand(this.#sha384, this.#links[role], framed(label, utf8("lane")), sha384Length);
      this.#links[role].set(next);
      next.fill(0);
    }
    this.#next += 1;
  }
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
