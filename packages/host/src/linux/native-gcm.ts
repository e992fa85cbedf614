/**
 * AES-256-GCM with the OpenSSL that Node contains, called directly: one context a key, its key schedule made once, from the caller's
 * memory into the caller's memory. A nonce is never chosen here: never to use one twice under a key is the caller's duty.
 */
import { dlopen, getRawPointer } from "node:ffi";
import { HostError } from "../errors.ts";

const signatures = {
  EVP_aes_256_gcm: { arguments: [], return: "u64" },
  EVP_CIPHER_CTX_new: { arguments: [], return: "u64" },
  EVP_CIPHER_CTX_free: { arguments: ["u64"], return: "void" },
  EVP_CIPHER_CTX_ctrl: { arguments: ["u64", "i32", "i32", "u64"], return: "i32" },
  EVP_CipherInit_ex: { arguments: ["u64", "u64", "u64", "u64", "u64", "i32"], return: "i32" },
  EVP_CipherUpdate: { arguments: ["u64", "u64", "u64", "u64", "i32"], return: "i32" },
  EVP_CipherFinal_ex: { arguments: ["u64", "u64", "u64"], return: "i32" },
} as const;

/** Source: openssl/evp.h. */
const EVP_CTRL_AEAD_GET_TAG = 16;
const EVP_CTRL_AEAD_SET_TAG = 17;
const keyLength = 32;
const nonceLength = 12;
const tagLength = 16;
const longestAdditional = 64;
/** In the scratch memory of all keys; nothing secret stays in it. */
const layout = { key: 0, nonce: 32, tag: 48, additional: 64, outLength: 128, end: 136 };

export interface GcmKey extends Disposable {
  /**
   * Encrypts `parts` one behind the other into `into`, and the tag behind them; the octets that are written. A part may lie where its
   * own ciphertext goes, and nowhere else in it.
   */
  seal(nonce: Uint8Array, additional: Uint8Array, parts: readonly Uint8Array[], into: Uint8Array): number;
  /** Decrypts `sealed`, whose last 16 octets are the tag, where it lies. False: it is not authentic, and what lay there is erased. */
  open(nonce: Uint8Array, additional: Uint8Array, sealed: Uint8Array): boolean;
}

export interface Gcm {
  /** A key for one direction: `seal` or `open`. Its 32 octets may be erased afterwards; disposing erases OpenSSL's copy. */
  key(octets: Uint8Array, use: "seal" | "open"): GcmKey;
}

/** Throws HOST_NATIVE_CALLS when OpenSSL is not reached, or does not give what the specification says. */
export function createGcm(): Gcm {
  const ssl = new OpenSsl();
  const gcm: Gcm = { key: (octets, use) => new EvpGcmKey(ssl, octets, use) };
  proveWorks(gcm);
  return gcm;
}

class OpenSsl {
  readonly calls = dlopen(null, signatures).functions;
  readonly cipher = this.calls.EVP_aes_256_gcm();
  readonly scratch = new Uint8Array(new ArrayBuffer(layout.end));
  readonly #base = getRawPointer(this.scratch.buffer);
  readonly key = this.#base + BigInt(layout.key);
  readonly nonce = this.#base + BigInt(layout.nonce);
  readonly tag = this.#base + BigInt(layout.tag);
  readonly additional = this.#base + BigInt(layout.additional);
  readonly outLength = this.#base + BigInt(layout.outLength);
}

class EvpGcmKey implements GcmKey {
  readonly #ssl: OpenSsl;
  /** 0 when disposed. */
  #context: bigint;

  constructor(ssl: OpenSsl, octets: Uint8Array, use: "seal" | "open") {
    if (octets.length !== keyLength) throw new RangeError(`a key has ${keyLength} octets, not ${octets.length}`);
    this.#ssl = ssl;
    this.#context = ssl.calls.EVP_CIPHER_CTX_new();
    ssl.scratch.set(octets, layout.key);
    const direction = use === "seal" ? 1 : 0;
    const begun =
      this.#context !== 0n && ssl.calls.EVP_CipherInit_ex(this.#context, ssl.cipher, 0n, ssl.key, 0n, direction) === 1;
    ssl.scratch.fill(0, layout.key, layout.key + keyLength);
    if (begun) return;
    this[Symbol.dispose]();
    throw new HostError("HOST_NATIVE_CALLS", "OpenSSL does not take a key for AES-256-GCM");
  }

  seal(nonce: Uint8Array, additional: Uint8Array, parts: readonly Uint8Array[], into: Uint8Array): number {
    const { calls, outLength, tag, scratch } = this.#ssl;
    let length = 0;
    for (const part of parts) length += part.length;
    if (into.length < length + tagLength) throw new RangeError(`no room for ${length} octets and their tag`);
    let isDone = this.#begin(nonce, additional);
    let to = getRawPointer(into);
    for (const part of parts) {
      if (part.length === 0) continue;
      const from = getRawPointer(part);
      isDone &&= calls.EVP_CipherUpdate(this.#context, to, outLength, from, part.length) === 1;
      to += BigInt(part.length);
    }
    isDone &&= calls.EVP_CipherFinal_ex(this.#context, tag, outLength) === 1;
    isDone &&= calls.EVP_CIPHER_CTX_ctrl(this.#context, EVP_CTRL_AEAD_GET_TAG, tagLength, tag) === 1;
    if (!isDone) throw new HostError("HOST_NATIVE_CALLS", "OpenSSL could not encrypt");
    into.set(scratch.subarray(layout.tag, layout.tag + tagLength), length);
    return length + tagLength;
  }

  open(nonce: Uint8Array, additional: Uint8Array, sealed: Uint8Array): boolean {
    const { calls, outLength, tag, scratch } = this.#ssl;
    const length = sealed.length - tagLength;
    if (length < 0) return false;
    const text = getRawPointer(sealed);
    scratch.set(sealed.subarray(length), layout.tag);
    const isAuthentic =
      this.#begin(nonce, additional) &&
      (length === 0 || calls.EVP_CipherUpdate(this.#context, text, outLength, text, length) === 1) &&
      calls.EVP_CIPHER_CTX_ctrl(this.#context, EVP_CTRL_AEAD_SET_TAG, tagLength, tag) === 1 &&
      calls.EVP_CipherFinal_ex(this.#context, outLength, outLength) === 1;
    if (!isAuthentic) sealed.fill(0);
    return isAuthentic;
  }

  [Symbol.dispose](): void {
    if (this.#context !== 0n) this.#ssl.calls.EVP_CIPHER_CTX_free(this.#context);
    this.#context = 0n;
  }

  #begin(nonce: Uint8Array, additional: Uint8Array): boolean {
    const { calls, scratch } = this.#ssl;
    if (this.#context === 0n) throw new RangeError("the key is disposed of");
    if (nonce.length !== nonceLength || additional.length > longestAdditional)
      throw new RangeError(`a nonce of ${nonce.length} octets, or additional data of ${additional.length}`);
    scratch.set(nonce, layout.nonce);
    if (calls.EVP_CipherInit_ex(this.#context, 0n, 0n, 0n, this.#ssl.nonce, -1) !== 1) return false;
    if (additional.length === 0) return true;
    scratch.set(additional, layout.additional);
    const { outLength, additional: from } = this.#ssl;
    return calls.EVP_CipherUpdate(this.#context, 0n, outLength, from, additional.length) === 1;
  }
}

/** Test case 14 of the GCM specification (McGrew and Viega, appendix B): key, nonce and plaintext are all zero. */
const knownAnswer = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919";

function proveWorks(gcm: Gcm): void {
  const zeros = new Uint8Array(keyLength);
  const into = new Uint8Array(32);
  using key = gcm.key(zeros, "seal");
  key.seal(zeros.subarray(0, nonceLength), zeros.subarray(0, 0), [zeros.subarray(0, 16)], into);
  if (Buffer.from(into).toString("hex") !== knownAnswer)
    throw new HostError("HOST_NATIVE_CALLS", "OpenSSL's AES-256-GCM does not give what the specification says");
}
