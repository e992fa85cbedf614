/**
 * Where the library keeps its WebAssembly. Its exports name only wrappers, which find the file by a computed path and leave every
 * secret in the memory they free. tools/build.ts puts the file itself into the program in place of this module.
 */

/** What Emscripten made of liboqs, as far as Ropewalk calls it. Pointers are numbers; zero is none. */
export interface LiboqsModule {
  /** Another array whenever the memory has grown. */
  readonly HEAPU8: Uint8Array;
  readonly _malloc: (length: number) => number;
  readonly _free: (pointer: number) => void;
  readonly stringToUTF8: (text: string, pointer: number, room: number) => void;
  readonly _OQS_init: () => void;
  readonly _OQS_KEM_new: (name: number) => number;
  /** These give zero when they succeed. */
  readonly _OQS_KEM_keypair: (kem: number, publicKey: number, secretKey: number) => number;
  readonly _OQS_KEM_encaps: (kem: number, ciphertext: number, secret: number, publicKey: number) => number;
  readonly _OQS_KEM_decaps: (kem: number, secret: number, ciphertext: number, secretKey: number) => number;
}

/** A new instance, with memory of its own. */
export async function loadLiboqs(): Promise<LiboqsModule> {
  const file = new URL("../dist/classic-mceliece-460896.min.js", import.meta.resolve("@oqs/liboqs-js"));
  const { default: instantiate } = await import(file.href);
  return instantiate();
}
