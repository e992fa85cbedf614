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
import { envelopeLengths } from "../wire/envelope.ts";
import { proofInput } from "../wire/tags.ts";
import type { MessageCrypto } from "./message-crypto.ts";

type Hash = Pick<MessageCrypto, "sha256">;

/** How many envelopes a chain has at most, its opening among them. */
export const mostOfChain = 4_096;
/** Octets of a chain's key and of a message's. */
export const chainKeyLength = 32;

/** What stands in front of a key that is hashed: the label, framed, and the key's length. */
const inFront = (label: string) => framed(utf8(label), new Uint8Array(chainKeyLength)).slice(0, -chainKeyLength);
const chainLabel = inFront("ropewalk mesh chain v1");
const messageKeyLabel = inFront("ropewalk mesh message key v1");
const ackLabel = inFront("ropewalk mesh ack v1");

/** The next key of the chain. */
export function nextChainKey(crypto: Hash, chainKey: Uint8Array): Uint8Array {
  return hashed(crypto, chainLabel, chainKey);
}

/** The key that seals this number of the chain. */
export function messageKeyOf(crypto: Hash, chainKey: Uint8Array): Uint8Array {
  return hashed(crypto, messageKeyLabel, chainKey);
}

/** The 16 octets that prove that the message of this key was opened. */
export function ackKeyOf(crypto: Hash, messageKey: Uint8Array): Uint8Array {
  return hashed(crypto, ackLabel, messageKey).subarray(0, envelopeLengths.ackKey);
}

/** As tags.ts has it, but by a hash that is fit for secrets: what proves is one until it is told. */
export function tagOf(crypto: Hash, ackKey: Uint8Array): Uint8Array {
  return crypto.sha256(proofInput(ackKey)).subarray(0, envelopeLengths.tag);
}

function hashed(crypto: Hash, label: Uint8Array, key: Uint8Array): Uint8Array {
  const input = new Uint8Array(label.length + chainKeyLength);
  input.set(label);
  input.set(key, label.length);
  return crypto.sha256(input);
}
