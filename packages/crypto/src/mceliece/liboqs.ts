/**
 * Classic McEliece 460896 as liboqs computes it, in WebAssembly. Keys stay in its memory under a name until they are forgotten, and
 * whatever was secret there is overwritten before it is freed. Calls take from a millisecond to seconds: only a worker makes them.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import { mcElieceLengths as lengths } from "./keys.ts";
import { type LiboqsModule, loadLiboqs } from "./wasm-module.ts";

const algorithm = "Classic-McEliece-460896";

interface Region {
  readonly pointer: number;
  readonly length: number;
}

export class Liboqs {
  readonly #module: LiboqsModule;
  readonly #kem: number;
  readonly #keys = new Map<string, Region>();

  constructor(module: LiboqsModule) {
    this.#module = module;
    module._OQS_init();
    const name = this.#reserve(algorithm.length + 1);
    module.stringToUTF8(algorithm, name.pointer, name.length);
    this.#kem = module._OQS_KEM_new(name.pointer);
    this.#release(name);
    if (this.#kem === 0) throw new InternalError(`liboqs was built without ${algorithm}`);
  }

  keep(name: string, octets: Uint8Array): void {
    this.forget(name);
    this.#keys.set(name, this.#write(octets));
  }

  forget(name: string): void {
    const region = this.#keys.get(name);
    if (region !== undefined) this.#release(region);
    this.#keys.delete(name);
  }

  generate(): { readonly publicKey: Uint8Array<ArrayBuffer>; readonly secretKey: Uint8Array<ArrayBuffer> } {
    const publicKey = this.#reserve(lengths.publicKey);
    const secretKey = this.#reserve(lengths.secretKey);
    try {
      check(this.#module._OQS_KEM_keypair(this.#kem, publicKey.pointer, secretKey.pointer), "make a key");
      return { publicKey: this.#read(publicKey), secretKey: this.#read(secretKey) };
    } finally {
      this.#release(publicKey, secretKey);
    }
  }

  encapsulate(keyName: string): {
    readonly ciphertext: Uint8Array<ArrayBuffer>;
    readonly secret: Uint8Array<ArrayBuffer>;
  } {
    const key = this.#key(keyName);
    const ciphertext = this.#reserve(lengths.ciphertext);
    const secret = this.#reserve(lengths.secret);
    try {
      const status = this.#module._OQS_KEM_encaps(this.#kem, ciphertext.pointer, secret.pointer, key.pointer);
      check(status, "encapsulate");
      return { ciphertext: this.#read(ciphertext), secret: this.#read(secret) };
    } finally {
      this.#release(ciphertext, secret);
    }
  }

  decapsulate(keyName: string, octets: Uint8Array): Uint8Array<ArrayBuffer> {
    const key = this.#key(keyName);
    const ciphertext = this.#write(octets);
    const secret = this.#reserve(lengths.secret);
    try {
      const status = this.#module._OQS_KEM_decaps(this.#kem, secret.pointer, ciphertext.pointer, key.pointer);
      check(status, "decapsulate");
      return this.#read(secret);
    } finally {
      this.#release(ciphertext, secret);
    }
  }

  #key(name: string): Region {
    const region = this.#keys.get(name);
    if (region === undefined) throw new InternalError("a McEliece worker was asked for a key that it does not keep");
    return region;
  }

  #reserve(length: number): Region {
    const pointer = this.#module._malloc(length);
    if (pointer === 0) throw new InternalError(`liboqs has no memory left for ${length} octets`);
    return { pointer, length };
  }

  #write(octets: Uint8Array): Region {
    const region = this.#reserve(octets.length);
    this.#module.HEAPU8.set(octets, region.pointer);
    return region;
  }

  #read({ pointer, length }: Region): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#module.HEAPU8.subarray(pointer, pointer + length));
  }

  #release(...regions: readonly Region[]): void {
    for (const { pointer, length } of regions) {
      this.#module.HEAPU8.fill(0, pointer, pointer + length);
      this.#module._free(pointer);
    }
  }
}

export async function createLiboqs(): Promise<Liboqs> {
  return new Liboqs(await loadLiboqs());
}

function check(status: number, what: string): void {
  if (status !== 0) throw new InternalError(`liboqs could not ${what}: status ${status}`);
}
