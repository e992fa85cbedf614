/**
 * Octets that wait for whoever they are for, copied from where they were read. Those that come in small pieces lie behind each other in
 * larger blocks, so that ten thousand pieces of one octet are not ten thousand arrays.
 */

const smallestBlock = 256;
const largestBlock = 16_384;

export class WaitingOctets {
  #blocks: Uint8Array[] = [];
  /** The last of them, as far as it is filled, and all of it. */
  #last: Uint8Array = new Uint8Array();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Memory that it has, in octets: never more than five times what waits, and a little. */
  get held(): number {
    return this.#blocks.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  }

  push(octets: Uint8Array): void {
    this.#length += octets.length;
    const filled = this.#blocks.at(-1)?.length ?? 0;
    if (octets.length <= this.#last.length - filled) {
      this.#last.set(octets, filled);
      this.#blocks[this.#blocks.length - 1] = this.#last.subarray(0, filled + octets.length);
      return;
    }
    const usual = Math.min(largestBlock, Math.max(smallestBlock, 4 * this.#last.length));
    this.#last = new Uint8Array(octets.length > usual / 2 ? octets.length : usual);
    this.#last.set(octets);
    this.#blocks.push(this.#last.subarray(0, octets.length));
  }

  /** The oldest block, which is the caller's from now on. */
  take(): Uint8Array | undefined {
    const block = this.#blocks.shift();
    if (block === undefined) return undefined;
    if (this.#blocks.length === 0) this.#last = new Uint8Array();
    this.#length -= block.length;
    return block;
  }

  takeAll(): readonly Uint8Array[] {
    const blocks = this.#blocks;
    this.clear();
    return blocks;
  }

  clear(): void {
    this.#blocks = [];
    this.#last = new Uint8Array();
    this.#length = 0;
  }
}
