/**
 * Verdicts on signatures that were judged before, for simulations alone: a thousand nodes judge each announce a thousand times. A
 * verdict holds for the same key, message and signature, octet by octet, and for nothing else. No source may import this.
 */

type Verify = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

interface Judged {
  readonly octets: Uint8Array;
  readonly keyLength: number;
  readonly messageLength: number;
  readonly verdict: boolean;
  readonly next: Judged | undefined;
}

/** Forged signatures by the million push out what was remembered, and cost a verification again. */
const mostRemembered = 100_000;

export class MemoisedVerdicts {
  readonly #verify: Verify;
  readonly #judged: Map<number, Judged> = new Map();
  #remembered = 0;
  #asked = 0;
  #verified = 0;

  constructor(verify: Verify) {
    this.#verify = verify;
  }

  /** How often it was asked, and how often it had to verify for that. */
  get counts(): { readonly asked: number; readonly verified: number } {
    return { asked: this.#asked, verified: this.#verified };
  }

  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    this.#asked += 1;
    const place = placeOf(signature, key);
    for (let judged = this.#judged.get(place); judged !== undefined; judged = judged.next) {
      if (isOf(judged, key, message, signature)) return judged.verdict;
    }
    this.#verified += 1;
    const verdict = this.#verify(key, message, signature);
    if (this.#remembered === mostRemembered) this.#forget();
    this.#remembered += 1;
    this.#judged.set(place, {
      octets: Buffer.concat([key, message, signature]),
      keyLength: key.length,
      messageLength: message.length,
      verdict,
      next: this.#judged.get(place),
    });
    return verdict;
  }

  #forget(): void {
    this.#judged.clear();
    this.#remembered = 0;
  }
}

/** FNV-1a, to find it by: no more is asked of it than that few share a place. */
function placeOf(signature: Uint8Array, key: Uint8Array): number {
  let place = 0x811c9dc5;
  for (const octet of signature) place = Math.imul(place ^ octet, 0x01000193);
  for (const octet of key) place = Math.imul(place ^ octet, 0x01000193);
  return place;
}

function isOf(judged: Judged, key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const { octets, keyLength, messageLength } = judged;
  const behind = keyLength + messageLength;
  return (
    keyLength === key.length &&
    messageLength === message.length &&
    octets.length === behind + signature.length &&
    Buffer.compare(octets.subarray(0, keyLength), key) === 0 &&
    Buffer.compare(octets.subarray(keyLength, behind), message) === 0 &&
    Buffer.compare(octets.subarray(behind), signature) === 0
  );
}
