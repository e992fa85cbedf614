/** The generator that NIST's known answers were made with: AES-256-CTR-DRBG without derivation function. Source: SP 800-90A §10.2.1. */
import { type Cipheriv, createCipheriv } from "node:crypto";

export class NistDrbg {
  #cipher: Cipheriv = cipherOf(new Uint8Array(32));
  #counter: Uint8Array = new Uint8Array(16);

  constructor(entropy: Uint8Array) {
    this.#update(entropy);
  }

  read(length: number): Uint8Array {
    const octets = this.#blocks(Math.ceil(length / 16)).slice(0, length);
    this.#update(new Uint8Array(48));
    return octets;
  }

  #update(data: Uint8Array): void {
    const state = this.#blocks(3).map((octet, at) => octet ^ (data[at] as number));
    this.#cipher = cipherOf(state.slice(0, 32));
    this.#counter = state.slice(32);
  }

  #blocks(count: number): Uint8Array {
    const blocks = new Uint8Array(16 * count);
    for (let block = 0; block < count; block += 1) {
      this.#increment();
      blocks.set(this.#cipher.update(this.#counter), 16 * block);
    }
    return blocks;
  }

  #increment(): void {
    for (let at = 15; at >= 0; at -= 1) {
      this.#counter[at] = ((this.#counter[at] as number) + 1) & 0xff;
      if (this.#counter[at] !== 0) return;
    }
  }
}

function cipherOf(key: Uint8Array): Cipheriv {
  return createCipheriv("aes-256-ecb", key, null).setAutoPadding(false);
}
