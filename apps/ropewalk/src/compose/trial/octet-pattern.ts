/** Octets that say where they are: who reads them finds one that is lost, doubled, changed or out of its order. Pure. */

/** Of one block: its number, and a filling that is the same in all. */
export const blockLength = 65_536;
const numberLength = 8;
const filling: Uint8Array = Uint8Array.from({ length: blockLength - numberLength }, (_, index) => (index * 31) & 255);

export function patternBlock(number: number): Uint8Array {
  const block = new Uint8Array(blockLength);
  new DataView(block.buffer).setBigUint64(0, BigInt(number));
  block.set(filling, numberLength);
  return block;
}

/** Reads the pattern from its beginning, in pieces of any length. */
export class PatternReader {
  #offset = 0;
  #expected: Uint8Array = patternBlock(0);
  #wrong = 0;

  get octets(): number {
    return this.#offset;
  }

  /** Octets that were not what belongs at their place. */
  get wrong(): number {
    return this.#wrong;
  }

  read(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      const within = this.#offset % blockLength;
      const length = Math.min(piece.length - at, blockLength - within);
      this.#compare(piece.subarray(at, at + length), this.#expected.subarray(within, within + length));
      at += length;
      this.#offset += length;
      if (this.#offset % blockLength === 0) this.#expected = patternBlock(this.#offset / blockLength);
    }
  }

  #compare(is: Uint8Array, ought: Uint8Array): void {
    if (Buffer.compare(is, ought) === 0) return;
    for (const [index, octet] of is.entries()) if (octet !== ought[index]) this.#wrong += 1;
  }
}
