/**
 * The end of a WireGuard tunnel that begins it, written from the paper alone and sharing no code with what the lab checks: one handshake, then
 * transport packets both ways. It never rekeys: what it is for is over in less than two minutes.
 * Source: J. A. Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel", §5.4.
 *
 *   initiation, 148    type 1 (4) | sender (4) | ephemeral (32) | static (48) | timestamp (28) | mac1 (16) | mac2 (16)
 *   response, 92       type 2 (4) | sender (4) | receiver (4) | ephemeral (32) | nothing (16) | mac1 (16) | mac2 (16)
 *   transport, 32 + n  type 4 (4) | receiver (4) | counter (8) | packet, padded to 16, and tag (16)
 */
import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";
import { blake2s } from "@noble/hashes/blake2.js";
import { sharedSecret, type X25519Pair } from "./x25519-pair.ts";

export interface InitiatorOptions {
  readonly own: X25519Pair;
  /** Drawn for this handshake alone. */
  readonly ephemeral: X25519Pair;
  readonly peerKey: Uint8Array;
  /** 32 octets; zeros are none. */
  readonly presharedKey: Uint8Array;
  /** By which the peer addresses this end. */
  readonly index: number;
  /** Wall time in milliseconds since 1970: the peer takes none that is not later than the last. */
  readonly now: number;
}

const construction = hash(Buffer.from("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"));
const identifier = Buffer.from("WireGuard v1 zx2c4 Jason@zx2c4.com");
const macLabel = Buffer.from("mac1----");
const nothing = new Uint8Array(0);
const tagLength = 16;
const [initiationLength, responseLength, transportHeader] = [148, 92, 16];

/** A tunnel that stands: packets in, octets out, and the other way. */
export interface Transport {
  seal(packet: Uint8Array): Uint8Array;
  /** Undefined for what is not of this tunnel; keepalives are empty. */
  open(octets: Uint8Array): Uint8Array | undefined;
}

export class WireGuardInitiator {
  /** To be sent to the peer. */
  readonly initiation: Uint8Array;
  readonly #options: InitiatorOptions;
  #chain: Uint8Array;
  #transcript: Uint8Array;

  constructor(options: InitiatorOptions) {
    const { own, ephemeral, peerKey, index, now } = options;
    this.#options = options;
    this.#chain = construction;
    this.#transcript = hash(hash(construction, identifier), peerKey);
    const message = Buffer.alloc(initiationLength);
    message.writeUInt32LE(1, 0);
    message.writeUInt32LE(index, 4);
    message.set(ephemeral.publicKey, 8);
    this.#mixKey(ephemeral.publicKey);
    this.#mixHash(ephemeral.publicKey);
    message.set(this.#sealNext(sharedSecret(ephemeral, peerKey), own.publicKey), 40);
    message.set(this.#sealNext(sharedSecret(own, peerKey), tai64n(now)), 88);
    const key = hash(macLabel, peerKey);
    message.set(blake2s(message.subarray(0, 116), { key, dkLen: 16 }), 116);
    this.initiation = message;
  }

  /** The tunnel, when this answers the initiation; undefined for everything else. It is asked once. */
  answered(octets: Uint8Array): Transport | undefined {
    const { own, ephemeral, presharedKey, index } = this.#options;
    const message = Buffer.from(octets);
    const isAnswer =
      message.length === responseLength && message.readUInt32LE(0) === 2 && message.readUInt32LE(8) === index;
    if (!isAnswer) return undefined;
    const theirs = message.subarray(12, 44);
    this.#mixKey(theirs);
    this.#mixHash(theirs);
    this.#mixKey(sharedSecret(ephemeral, theirs));
    this.#mixKey(sharedSecret(own, theirs));
    const [chain, mixed, key] = expand(this.#chain, presharedKey);
    this.#mixHash(mixed);
    if (open(key, 0n, message.subarray(44, 60), this.#transcript) === undefined) return undefined;
    const [sending, receiving] = expand(chain, nothing);
    return new Keys(sending, receiving, message.readUInt32LE(4), index);
  }

  #mixHash(octets: Uint8Array): void {
    this.#transcript = hash(this.#transcript, octets);
  }

  #mixKey(octets: Uint8Array): void {
    [this.#chain] = expand(this.#chain, octets);
  }

  /** Under a key that the secret gives. */
  #sealNext(secret: Uint8Array, text: Uint8Array): Uint8Array {
    const [chain, key] = expand(this.#chain, secret);
    this.#chain = chain;
    const sealed = seal(key, 0n, text, this.#transcript);
    this.#mixHash(sealed);
    return sealed;
  }
}

class Keys implements Transport {
  readonly #sending: Uint8Array;
  readonly #receiving: Uint8Array;
  readonly #theirIndex: number;
  readonly #ownIndex: number;
  #counter = 0n;

  constructor(sending: Uint8Array, receiving: Uint8Array, theirIndex: number, ownIndex: number) {
    this.#sending = sending;
    this.#receiving = receiving;
    this.#theirIndex = theirIndex;
    this.#ownIndex = ownIndex;
  }

  seal(packet: Uint8Array): Uint8Array {
    const padded = new Uint8Array(Math.ceil(packet.length / 16) * 16);
    padded.set(packet);
    const header = Buffer.alloc(transportHeader);
    header.writeUInt32LE(4, 0);
    header.writeUInt32LE(this.#theirIndex, 4);
    header.writeBigUInt64LE(this.#counter, 8);
    const sealed = seal(this.#sending, this.#counter, padded, nothing);
    this.#counter += 1n;
    return Buffer.concat([header, sealed]);
  }

  open(octets: Uint8Array): Uint8Array | undefined {
    const message = Buffer.from(octets);
    const isOurs =
      message.length >= transportHeader + tagLength &&
      message.readUInt32LE(0) === 4 &&
      message.readUInt32LE(4) === this.#ownIndex;
    if (!isOurs) return undefined;
    return open(this.#receiving, message.readBigUInt64LE(8), message.subarray(transportHeader), nothing);
  }
}

function hash(...parts: readonly Uint8Array[]): Uint8Array {
  const sum = createHash("blake2s256");
  for (const part of parts) sum.update(part);
  return sum.digest();
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const sum = createHmac("blake2s256", key);
  for (const part of parts) sum.update(part);
  return sum.digest();
}

/** Kdf1, Kdf2 and Kdf3 of the paper: who wants fewer takes the first ones. */
function expand(key: Uint8Array, input: Uint8Array): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const root = hmac(key, input);
  const first = hmac(root, Uint8Array.of(1));
  const second = hmac(root, first, Uint8Array.of(2));
  return [first, second, hmac(root, second, Uint8Array.of(3))];
}

function nonceOf(counter: bigint): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64LE(counter, 4);
  return nonce;
}

function seal(key: Uint8Array, counter: bigint, text: Uint8Array, bound: Uint8Array): Uint8Array {
  const cipher = createCipheriv("chacha20-poly1305", key, nonceOf(counter), { authTagLength: tagLength });
  cipher.setAAD(bound, { plaintextLength: text.length });
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Uint8Array, counter: bigint, sealed: Uint8Array, bound: Uint8Array): Uint8Array | undefined {
  const length = sealed.length - tagLength;
  const cipher = createDecipheriv("chacha20-poly1305", key, nonceOf(counter), { authTagLength: tagLength });
  cipher.setAAD(bound, { plaintextLength: length });
  cipher.setAuthTag(sealed.subarray(length));
  const text = cipher.update(sealed.subarray(0, length));
  try {
    return Buffer.concat([text, cipher.final()]);
  } catch {
    return undefined;
  }
}

/** Source: https://cr.yp.to/libtai/tai64.html. Ten leap seconds more or less are nothing to who only compares. */
function tai64n(now: number): Uint8Array {
  const stamp = Buffer.alloc(12);
  stamp.writeBigUInt64BE(0x4000_0000_0000_000an + BigInt(Math.floor(now / 1_000)), 0);
  stamp.writeUInt32BE(Math.floor((now % 1_000) * 1_000_000), 8);
  return stamp;
}
