/** The cryptography that the pure node asks for: synchronous, and the same for every node of a simulation. */
import type { MeshAddress } from "./mesh-address.ts";
import type { HeardAnnounce } from "./wire/announce.ts";

export interface MeshCrypto {
  /** The node's own identity key: 32 octets, Ed25519. */
  readonly publicKey: Uint8Array;
  readonly address: MeshAddress;
  /** 64 octets, in the domain of announces. */
  sign(message: Uint8Array): Uint8Array;
  /** Whether `signature` is one of `sign` by who has `key`; false for a key of small order, or none. Never throws. */
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Whether its origin signed an announce, and nobody lowered its hops: `isProved` by `verify`. */
  proves(announce: HeardAnnounce): boolean;
  /** 12 octets that nobody else can know before they are shown, the same for the same epoch and sequence: where the hop chain begins. */
  chainSeed(epoch: number, sequence: number): Uint8Array;
  /** Readable by who has the identity key `to` alone, and by nobody told who sealed it. Undefined where the key is none. */
  seal(to: Uint8Array, plaintext: Uint8Array): Uint8Array | undefined;
  /** What was sealed to this node; undefined: it was not, or was changed. */
  open(sealed: Uint8Array): Uint8Array | undefined;
  /** Octets that nobody can guess. */
  random(length: number): Uint8Array;
}

/** What `seal` adds: an ephemeral key and a tag. */
export const sealOverhead = 48;
