/** The cryptography of a simulated node: real keys, the same for the same seed, verdicts shared by all nodes or not, and verifications counted. */

import { type SigningKey, signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import type { HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { isProved } from "@ropewalk/mesh/pure/wire/announce-proof";
import type { Random } from "@ropewalk/simnet/random";
import type { MemoisedVerdicts, Prove } from "./memoised-verdicts.ts";

export class SimCrypto implements MeshCrypto {
  /** How its node judges announces. */
  prove: Prove = isProved;
  readonly publicKey: Uint8Array;
  readonly address: MeshAddress;
  readonly key: SigningKey<"ed25519">;
  readonly #identity: MeshCrypto;
  readonly #verdicts: MemoisedVerdicts | undefined;
  readonly #random: Random;
  #verified = 0;
  #signed = 0;

  /** Without `verdicts` each is asked for anew. */
  constructor(random: Random, verdicts: MemoisedVerdicts | undefined) {
    this.#random = random;
    this.key = signingKeyFromSeed("ed25519", new SecretBytes(this.random(32)));
    this.#identity = createMeshCrypto(this.key);
    this.#verdicts = verdicts;
    this.publicKey = this.#identity.publicKey;
    this.address = this.#identity.address;
  }

  /** How many were verified since it was last asked. */
  takeVerified(): number {
    const verified = this.#verified;
    this.#verified = 0;
    return verified;
  }

  /** How many announces it has made. */
  get signed(): number {
    return this.#signed;
  }

  sign(message: Uint8Array): Uint8Array {
    this.#signed += 1;
    return this.#identity.sign(message);
  }

  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    return this.#identity.verify(key, message, signature);
  }

  proves(announce: HeardAnnounce): boolean {
    this.#verified += 1;
    const { prove } = this;
    return this.#verdicts === undefined ? prove(this.#identity, announce) : this.#verdicts.prove(prove, announce);
  }

  chainSeed(epoch: number, sequence: number): Uint8Array {
    return this.#identity.chainSeed(epoch, sequence);
  }

  seal(to: Uint8Array, plaintext: Uint8Array): Uint8Array | undefined {
    return this.#identity.seal(to, plaintext);
  }

  open(sealed: Uint8Array): Uint8Array | undefined {
    return this.#identity.open(sealed);
  }

  random(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#random.below(256));
  }
}

/** All verify alike, whosoever they are. */
export function anyIdentity(): MeshCrypto {
  return createMeshCrypto(signingKeyFromSeed("ed25519", new SecretBytes(new Uint8Array(32).fill(1))));
}
