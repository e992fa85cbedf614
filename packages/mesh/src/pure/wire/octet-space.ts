/**
 * Room for what is written once and soon gone, such as frames, cut from larger pieces: to have octets of its own for each costs more than all else
 * that is done for it. A piece lives as long as anything in it, so who keeps something for long copies it.
 */
const pieceLength = 16_384;

export class OctetSpace {
  #piece = new Uint8Array(pieceLength);
  #used = 0;

  /** Zeros, that nobody else has. */
  take(length: number): Uint8Array {
    if (length > pieceLength / 4) return new Uint8Array(length);
    if (this.#used + length > pieceLength) {
      this.#piece = new Uint8Array(pieceLength);
      this.#used = 0;
    }
    this.#used += length;
    return this.#piece.subarray(this.#used - length, this.#used);
  }
}
