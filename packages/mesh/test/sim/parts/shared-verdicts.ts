/**
 * Verdicts that one part of a simulated mesh has come to, for the others, which hear the same. No lock is needed: a place that two write at once
 * has half of each, which is the digest of nothing.
 */
import { hash } from "node:crypto";

const places = 2 ** 16;
/** Of 32 bits: of a digest, the lowest bit of the last one apart, which is the verdict. */
const words = 4;

export class SharedVerdicts {
  readonly #memory: Int32Array<SharedArrayBuffer>;

  /** `memory` that others have made, or of its own. */
  constructor(memory: Int32Array<SharedArrayBuffer> = noVerdicts()) {
    this.#memory = memory;
  }

  /** As it was judged before, by whomever; otherwise it is judged now. */
  of(octets: Uint8Array, judge: () => boolean): boolean {
    const digest = hash("sha256", octets, "buffer");
    const [first, second, third, last] = [0, 4, 8, 12].map((at) => digest.readInt32LE(at)) as [
      number,
      number,
      number,
      number,
    ];
    const place = (first & (places - 1)) * words;
    const memory = this.#memory;
    const isThere = memory[place] === first && memory[place + 1] === second && memory[place + 2] === third;
    const known = memory[place + 3] ?? 0;
    if (isThere && known >> 1 === last >> 1) return (known & 1) === 1;
    const verdict = judge();
    memory.set([first, second, third, (last & ~1) | Number(verdict)], place);
    return verdict;
  }
}

export function noVerdicts(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(places * words * Int32Array.BYTES_PER_ELEMENT));
}
