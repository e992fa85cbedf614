/**
 * How a TCP connection becomes a lane: the source names its epoch and proves that it holds the epoch's secrets, and so does the
 * destination in its answer. Nothing is told to whoever proves nothing, and no hello is taken twice.
 * Source: docs/protocols/tunnel-session.md, "Lanes".
 *
 *     hello     0x52, version(1), epoch(16), lane(4), nonce(32), MAC(48)
 *     welcome   0x57, version(1), nonce(32), MAC(48)
 */
import { utf8 } from "@ropewalk/crypto/pure/octets";
import { type Sha384, sha384Length } from "@ropewalk/crypto/pure/sha384";
import { readU32, writeU32 } from "@ropewalk/kernel/big-endian";
import { joined } from "@ropewalk/kernel/bytes";
import { isEqual } from "../handshake/conclusion.ts";
import type { EpochKeys } from "./epoch-keys.ts";
import type { LaneSecrets } from "./lane-keys.ts";

export const laneHelloLength = 102;
export const laneWelcomeLength = 82;
/** A first octet with which no handshake begins: by it a destination tells the two apart. */
export const laneHelloOctet = 0x52;
const laneWelcomeOctet = 0x57;
const version = 1;
const nonceLength = 32;

/** The epoch that a hello names, 16 bytes, before anything is proved; undefined: it is no hello of this version. */
export function epochOfHello(hello: Uint8Array): Uint8Array | undefined {
  if (hello.length !== laneHelloLength || hello[0] !== laneHelloOctet || hello[1] !== version) return undefined;
  return hello.subarray(2, 18);
}

function helloMac(sha384: Sha384, keys: EpochKeys, head: Uint8Array): Uint8Array {
  return sha384.hmac(keys.laneAuthentication.source, utf8("ropewalk lane hello v1"), head);
}

function welcomeMac(sha384: Sha384, keys: EpochKeys, hello: Uint8Array, head: Uint8Array): Uint8Array {
  return sha384.hmac(keys.laneAuthentication.destination, utf8("ropewalk lane welcome v1"), hello, head);
}

/** Of one epoch, at its destination: who proves to have the epoch's secrets is welcomed, with ever greater numbers. */
export class LaneWelcomes {
  readonly #sha384: Sha384;
  readonly #epoch: Uint8Array;
  readonly #keys: EpochKeys;

  /** `epoch`: its 16 bytes. */
  constructor(sha384: Sha384, epoch: Uint8Array, keys: EpochKeys) {
    this.#sha384 = sha384;
    this.#epoch = epoch;
    this.#keys = keys;
  }

  /** What to answer, and under what the lane's records are; undefined: nothing. `nonce`: 32 bytes, fresh. */
  answer(hello: Uint8Array, nonce: Uint8Array): Welcomed | undefined {
    const epoch = epochOfHello(hello);
    if (epoch === undefined || !isEqual(epoch, this.#epoch)) return undefined;
    const head = hello.subarray(0, laneHelloLength - sha384Length);
    if (!isEqual(helloMac(this.#sha384, this.#keys, head), hello.subarray(head.length))) return undefined;
    const lane = readU32(hello, 18);
    const nonces = { lane, sourceNonce: hello.subarray(22, 22 + nonceLength), destinationNonce: nonce };
    const secrets = this.#keys.lanes.take(nonces);
    if (secrets === undefined) return undefined;
    const opening = joined(Uint8Array.of(laneWelcomeOctet, version), nonce);
    const welcome = joined(opening, welcomeMac(this.#sha384, this.#keys, hello, opening));
    return { lane, welcome, secrets };
  }
}

export interface Welcomed {
  readonly lane: number;
  readonly welcome: Uint8Array;
  readonly secrets: LaneSecrets;
}

export interface LaneOfferFacts {
  /** 16 bytes. */
  readonly epoch: Uint8Array;
  readonly keys: EpochKeys;
  /** From 1 to 64, and greater than all before of the epoch. */
  readonly lane: number;
  /** 32 bytes, fresh. */
  readonly nonce: Uint8Array;
}

export type OfferStep =
  /** The welcome is not whole yet. */
  | { readonly kind: "more" }
  /** `rest`: what came behind the welcome, the beginning of the first records; a view. */
  | { readonly kind: "welcomed"; readonly secrets: LaneSecrets; readonly rest: Uint8Array }
  | { readonly kind: "refused" };

/** Of one connection, at its source: the hello, and what comes of it. It hears nothing once it has ended. */
export class LaneOffer {
  /** To be sent first of all. */
  readonly hello: Uint8Array;
  readonly #sha384: Sha384;
  readonly #facts: LaneOfferFacts;
  #pending: Uint8Array | undefined = new Uint8Array();

  constructor(sha384: Sha384, facts: LaneOfferFacts) {
    const head = new Uint8Array(laneHelloLength - sha384Length);
    head.set([laneHelloOctet, version]);
    head.set(facts.epoch, 2);
    writeU32(head, 18, facts.lane);
    head.set(facts.nonce, 22);
    this.hello = joined(head, helloMac(sha384, facts.keys, head));
    this.#sha384 = sha384;
    this.#facts = facts;
  }

  receive(octets: Uint8Array): OfferStep {
    if (this.#pending === undefined) return { kind: "refused" };
    const all = this.#pending.length === 0 ? octets : joined(this.#pending, octets);
    if (all.length < laneWelcomeLength && isBegun(all)) {
      this.#pending = all.slice();
      return { kind: "more" };
    }
    this.#pending = undefined;
    const welcome = all.subarray(0, laneWelcomeLength);
    const head = welcome.subarray(0, laneWelcomeLength - sha384Length);
    const mac = welcomeMac(this.#sha384, this.#facts.keys, this.hello, head);
    if (!isBegun(welcome) || !isEqual(mac, welcome.subarray(head.length))) return { kind: "refused" };
    const { keys, lane, nonce } = this.#facts;
    const nonces = { lane, sourceNonce: nonce, destinationNonce: head.subarray(2) };
    const secrets = keys.lanes.take(nonces);
    if (secrets === undefined) return { kind: "refused" };
    return { kind: "welcomed", secrets, rest: all.subarray(laneWelcomeLength) };
  }
}

/** Whether it could become a welcome. */
function isBegun([first = laneWelcomeOctet, second = version]: Uint8Array): boolean {
  return first === laneWelcomeOctet && second === version;
}
