/**
 * AES-256-GCM over records in place: what is sealed goes into one buffer that is used again for the next, what is opened lies where it
 * was read. By OpenSSL directly where that can be called, else by Node's own cipher, which makes buffers for every record.
 */
import type { CreateRecordCipher, RecordCipher } from "@ropewalk/crypto/pure/record-cipher";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { sha384 } from "@ropewalk/crypto/sha384";
import { createGcm, type Gcm, type GcmKey } from "@ropewalk/host/linux/native-gcm";
import { describeError } from "@ropewalk/kernel/errors";
import type { RecordCrypto } from "../pure/lane/key-chain.ts";

const tagLength = 16;
/** What a lane on which little happens keeps. */
const leastBuffer = 4096;
/** Records of more than this are not usual: their buffer is not kept. */
const largestKept = 1_048_576;

/** `onTrouble`: told where OpenSSL cannot be called, and records cost more. */
export function recordCrypto(onTrouble: (text: string) => void): RecordCrypto {
  return { sha384, createCipher: fastestCipher(onTrouble) };
}

function fastestCipher(onTrouble: (text: string) => void): CreateRecordCipher {
  try {
    const gcm = createGcm();
    return (key) => new NativeRecordCipher(gcm, key);
  } catch (error) {
    onTrouble(`records are sealed by Node's own cipher, which costs more: ${describeError(error)}`);
    return createRecordCipher;
  }
}

class NativeRecordCipher implements RecordCipher {
  readonly #sealer: GcmKey;
  readonly #opener: GcmKey;
  #buffer: Uint8Array = new Uint8Array();

  constructor(gcm: Gcm, key: Uint8Array) {
    this.#sealer = gcm.key(key, "seal");
    this.#opener = gcm.key(key, "open");
  }

  seal(nonce: Uint8Array, head: Uint8Array, parts: readonly Uint8Array[], length: number): readonly Uint8Array[] {
    const whole = this.#room(head.length + length + tagLength);
    whole.set(head);
    this.#sealer.seal(nonce, head, parts, whole.subarray(head.length));
    return [whole];
  }

  open(nonce: Uint8Array, head: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    if (!this.#opener.open(nonce, head, sealed)) return undefined;
    return sealed.subarray(0, sealed.length - tagLength);
  }

  erase(): void {
    this.#sealer[Symbol.dispose]();
    this.#opener[Symbol.dispose]();
    this.#buffer = new Uint8Array();
  }

  #room(length: number): Uint8Array {
    if (length > largestKept) return new Uint8Array(length);
    if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafeSlow(Math.max(leastBuffer, length * 2));
    return this.#buffer.subarray(0, length);
  }
}
