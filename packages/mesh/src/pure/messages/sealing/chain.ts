/**
 * A chain of keys that each seal one message: who has the key of a number has those of all later numbers, and of none before. What proves that
 * a message was opened follows from its key, and its tag from the proof. Each hash has its label in front, so no two share an input.
 *
 *     ck ──► H("chain", ck) = the next ck
 *      └───► H("message key", ck) = mk ──► H("ack", mk) = ackKey (16) ──► H("proof", ackKey) = tag (8)
 *
 * Source: docs/protocols/mesh-envelope.md, "Chains".
 */
import { framed, utf8 } from "@ropewalk/crypto/pure/octets";
import { envelopeLengths, type TagName } from "../wire/envelope.ts";
import { proofInput } from "../wire/tags.ts";
import type { MessageCrypto } from "./message-crypto.ts";

/** How many envelopes a chain has at most, its opening among them. */
export const mostOfChain = 4_096;
/** Octets of a chain's key and of a message's. */
export const chainKeyLength = 32;

/** The hashes of chains, over octets that are used again: a message takes ten of them, and memory would be a third of what they cost. */
export class ChainHash {
  readonly #crypto: Pick<MessageCrypto, "sha256" | "sha256Hex">;
  readonly #chain = inputOf("ropewalk mesh chain v1");
  readonly #messageKey = inputOf("ropewalk mesh message key v1");
  readonly #ack = inputOf("ropewalk mesh ack v1");
  readonly #proof = proofInput(new Uint8Array(envelopeLengths.ackKey));

  constructor(crypto: Pick<MessageCrypto, "sha256" | "sha256Hex">) {
    this.#crypto = crypto;
  }

  /** The next key of the chain. */
  next(chainKey: Uint8Array): Uint8Array {
    return hashed(this.#chain, chainKey, (octets) => this.#crypto.sha256(octets));
  }

  /** The key that seals this number of the chain. */
  messageKey(chainKey: Uint8Array): Uint8Array {
    return hashed(this.#messageKey, chainKey, (octets) => this.#crypto.sha256(octets));
  }

  /** The 16 octets that prove that the message of this key was opened. */
  ackKey(messageKey: Uint8Array): Uint8Array {
    const hash = hashed(this.#ack, messageKey, (octets) => this.#crypto.sha256Hex(octets));
    return Uint8Array.fromHex(hash.slice(0, 2 * envelopeLengths.ackKey));
  }

  /** As tags.ts has it, but by a hash that is fit for secrets: what proves is one until it is told. */
  tag(ackKey: Uint8Array): TagName {
    const hash = hashed(this.#proof, ackKey, (octets) => this.#crypto.sha256Hex(octets));
    return hash.slice(0, 2 * envelopeLengths.tag) as TagName;
  }
}

/** Of a key at the end of octets that are used again, where it is no longer than it has to be. */
function hashed<Hash>(input: Uint8Array, key: Uint8Array, hash: (octets: Uint8Array) => Hash): Hash {
  const at = input.length - key.length;
  input.set(key, at);
  const found = hash(input);
  input.fill(0, at);
  return found;
}

/** The label, framed, and room for a key behind its length. */
function inputOf(label: string): Uint8Array {
  return framed(utf8(label), new Uint8Array(chainKeyLength));
}
