/**
 * AES-256-GCM over records by Node. What a small record costs is the number of calls and of buffers, so that it has one of each; what a
 * large one costs is AES and memory, so that its octets are never copied.
 */
import { type CipherGCM, createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { aeadLengths } from "./aead.ts";
import { checkLength } from "./key-import.ts";
import { plain } from "./pure/octets.ts";
import type { RecordCipher } from "./pure/record-cipher.ts";

const algorithm = "aes-256-gcm";
const options = { authTagLength: aeadLengths.tag };
/** Up to here, copying octets twice costs less than another call of OpenSSL and another part for the kernel. */
const mostCopied = 8_192;

/** Its key's octets live in Node's own memory and are freed with it. Throws CRYPTO_KEY_INVALID. */
export function createRecordCipher(key: Uint8Array): RecordCipher {
  return new NodeRecordCipher(createSecretKey(checkLength(key, aeadLengths.key, "a record key")));
}

class NodeRecordCipher implements RecordCipher {
  readonly #key: KeyObject;
  /** Where small parts are put together, within one call. */
  #scratch: Uint8Array | undefined;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** What Node keeps of the key is freed with it. */
  erase(): void {}

  seal(nonce: Uint8Array, head: Uint8Array, parts: readonly Uint8Array[], length: number): readonly Uint8Array[] {
    const cipher = createCipheriv(algorithm, this.#key, nonce, options).setAAD(head);
    if (length > mostCopied) return this.#sealLarge(cipher, head, parts);
    const ciphertext = cipher.update(this.#together(parts, length));
    cipher.final();
    return [written(head, ciphertext, cipher.getAuthTag())];
  }

  open(nonce: Uint8Array, head: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const end = sealed.length - aeadLengths.tag;
    if (end < 0) return undefined;
    const decipher = createDecipheriv(algorithm, this.#key, nonce, options).setAAD(head);
    decipher.setAuthTag(sealed.subarray(end));
    const plaintext = plain(decipher.update(sealed.subarray(0, end)));
    try {
      decipher.final();
    } catch {
      // What was decrypted is the sender's until the tag has proved otherwise.
      plaintext.fill(0);
      return undefined;
    }
    return plaintext;
  }

  /** Small parts in a row are sealed as one, large ones where they lie. */
  #sealLarge(cipher: CipherGCM, head: Uint8Array, parts: readonly Uint8Array[]): readonly Uint8Array[] {
    const sealed: Uint8Array[] = [];
    const small: Uint8Array[] = [];
    let length = 0;
    const sealSmall = () => {
      if (small.length > 0) sealed.push(cipher.update(this.#together(small, length)));
      [small.length, length] = [0, 0];
    };
    for (const part of parts) {
      if (length + part.length > mostCopied) sealSmall();
      if (part.length > mostCopied) {
        sealed.push(cipher.update(part));
      } else {
        small.push(part);
        length += part.length;
      }
    }
    sealSmall();
    cipher.final();
    const [first = head] = sealed;
    const isFirstSmall = first.length <= mostCopied;
    return [
      isFirstSmall ? written(head, first) : head.slice(),
      ...sealed.slice(isFirstSmall ? 1 : 0),
      cipher.getAuthTag(),
    ];
  }

  #together(parts: readonly Uint8Array[], length: number): Uint8Array {
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    this.#scratch ??= new Uint8Array(mostCopied);
    let at = 0;
    for (const part of parts) {
      this.#scratch.set(part, at);
      at += part.length;
    }
    return this.#scratch.subarray(0, length);
  }
}

/** All in one buffer, for the kernel to take at once: from Node's pool, as a new one costs more than a small record's octets. */
function written(head: Uint8Array, ...others: readonly Uint8Array[]): Uint8Array {
  const whole = Buffer.allocUnsafe(others.reduce((length, part) => length + part.length, head.length));
  whole.set(head);
  let at = head.length;
  for (const part of others) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
