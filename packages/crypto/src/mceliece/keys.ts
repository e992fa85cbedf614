/** Keys of Classic McEliece 460896, each named by the SHA-384 of its public half, which is what certificates pin. */

import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { CryptoError } from "../errors.ts";
import { checkLength } from "../key-import.ts";
import { sha384 } from "../sha384.ts";

/** In octets. Source: Classic McEliece, round 4, "mceliece460896" (without plaintext confirmation). */
export const mcElieceLengths = { publicKey: 524_160, secretKey: 13_608, ciphertext: 156, secret: 32 } as const;

/** A public key. Every string of 524,160 octets is one, so that only its pin tells the right from a wrong one. */
export class McEliecePublicKey {
  /** 48 octets. */
  readonly sha384: Uint8Array;
  readonly #octets: Uint8Array;

  /** Keeps the octets, and does not copy them. Throws CRYPTO_KEY_INVALID. */
  constructor(octets: Uint8Array) {
    this.#octets = checkLength(octets, mcElieceLengths.publicKey, "a Classic McEliece 460896 public key");
    this.sha384 = sha384.hash(octets);
  }

  /** Under which workers keep it. */
  get keptName(): string {
    return `public ${this.sha384.toHex()}`;
  }

  /** The octets themselves, not a copy. */
  raw(): Uint8Array {
    return this.#octets;
  }
}

/** Both halves. Whether they belong together, `McElieceWorkers.isPair` finds out. */
export class McElieceKeyPair implements Disposable {
  readonly publicKey: McEliecePublicKey;
  readonly secretKey: SecretBytes;
  readonly #keptName: string;

  /** Throws CRYPTO_KEY_INVALID. */
  constructor(publicKey: McEliecePublicKey, secretKey: SecretBytes) {
    checkLength(secretKey.reveal(), mcElieceLengths.secretKey, "a Classic McEliece 460896 secret key");
    this.publicKey = publicKey;
    this.secretKey = secretKey;
    this.#keptName = `secret ${sha384.hash(secretKey.reveal()).toHex()}`;
  }

  /** Under which workers keep the secret half: told by itself, for files may pair it with a public half that is another's. */
  get keptName(): string {
    return this.#keptName;
  }

  /** Erases the secret half; `McElieceWorkers.forget` erases what the workers keep of it. */
  [Symbol.dispose](): void {
    this.secretKey.erase();
  }
}

/** Throws CRYPTO_CIPHERTEXT_INVALID. */
export function checkMcElieceCiphertext({ length }: Uint8Array): void {
  if (length === mcElieceLengths.ciphertext) return;
  throw new CryptoError(
    "CRYPTO_CIPHERTEXT_INVALID",
    `a Classic McEliece 460896 ciphertext has 156 octets, not ${length}; refuse its sender`,
  );
}
