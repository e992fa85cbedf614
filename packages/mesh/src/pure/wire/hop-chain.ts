/**
 * The chain of hashes that binds how far an announce has come, which its signature cannot: each relay hashes once, and nobody can go back.
 * Salted by key, epoch and sequence, so that no link of one announce is any of another's. Who repeats what he heard as it is claims the
 * distance of whom he heard it from, and no less. Source: docs/protocols/mesh-announce.md, "Hops".
 *
 *     H(v) = the first 12 octets of SHA-256(v (12) ‖ key (32) ‖ epoch (4) ‖ sequence (4)): 52 octets, one block
 */
import { compressSha256, startSha256 } from "@ropewalk/crypto/pure/sha256";
import { readU32, writeU32 } from "@ropewalk/kernel/big-endian";
import { announceLengths, type Freshness } from "./announce.ts";

/** What an announce's chain is salted with: any announce serves. */
export interface ChainSalt extends Freshness {
  /** 32 octets. */
  readonly key: Uint8Array;
}

/** Words of a link, and of a link with its salt. */
const [linkWords, messageWords] = [3, 13];

/** The link `steps` hashes further than `link`, 12 octets; with 0 a copy. */
export function furtherLink(salt: ChainSalt, link: Uint8Array, steps: number): Uint8Array {
  const words = advanced(salt, link, steps);
  const octets = new Uint8Array(announceLengths.chain);
  for (let place = 0; place < linkWords; place += 1) writeU32(octets, place * 4, words[place] as number);
  return octets;
}

/** The last link, which is signed and never sent; `chain` belongs to `hops`, which are no more than `maxHops`. */
export function anchor(
  announce: ChainSalt & { readonly chain: Uint8Array; readonly hops: number; readonly maxHops: number },
): Uint8Array {
  return furtherLink(announce, announce.chain, announce.maxHops - announce.hops);
}

/**
 * Whether `further` comes `steps` hashes behind `nearer`. If `further` was proved to be of the chain, so is `nearer` then; and the other way
 * round. It is what copies of an announce that was proved are judged by: a hash for each hop between them, and no signature.
 */
export function isOnChain(salt: ChainSalt, nearer: Uint8Array, further: Uint8Array, steps: number): boolean {
  // Neighbours are as near as each other more often than not.
  const words = steps === 0 ? undefined : advanced(salt, nearer, steps);
  for (let place = 0; place < linkWords; place += 1) {
    const word = words === undefined ? readU32(nearer, place * 4) | 0 : (words[place] as number);
    if (word !== (readU32(further, place * 4) | 0)) return false;
  }
  return true;
}

/** In words, so that nothing is allocated between two hashes: the link is the first three of them. */
function advanced(salt: ChainSalt, link: Uint8Array, steps: number): Int32Array {
  const [message, block, state] = [new Int32Array(messageWords), new Int32Array(16), new Int32Array(8)];
  for (let place = 0; place < linkWords; place += 1) message[place] = readU32(link, place * 4);
  for (let place = 0; place < 8; place += 1) message[linkWords + place] = readU32(salt.key, place * 4);
  message[messageWords - 2] = salt.epoch;
  message[messageWords - 1] = salt.sequence;
  for (let step = 0; step < steps; step += 1) {
    block.set(message);
    block[13] = 0x8000_0000;
    block[14] = 0;
    block[15] = messageWords * 32;
    startSha256(state);
    compressSha256(state, block);
    for (let place = 0; place < linkWords; place += 1) message[place] = state[place] as number;
  }
  return message;
}
