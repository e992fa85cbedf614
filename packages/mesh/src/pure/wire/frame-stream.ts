/**
 * Frames in a stream of octets: two octets of length before each, big-endian, and 1 to 4,096 octets behind. The cutter gives each as
 * a view of what was read; only one that came in several pieces is copied, once.
 *
 *      0               1
 *     +---------------+---------------+------------------------+
 *     |         length (16)           |  frame (length octets) |
 *     +---------------+---------------+------------------------+
 */
import { longestFrame } from "./link-frame.ts";

export const frameHead = 2;

export class FrameCutter {
  /** Of the frame that is being read; 0 while its length is not whole. */
  #wanted = 0;
  /** The first octet of a length, where the second has not come. */
  #high: number | undefined;
  /** The beginning of a frame that came in pieces, of which `#got` octets are there. */
  #begun: Uint8Array | undefined;
  #got = 0;
  #isFaulty = false;

  /**
   * Calls `onFrame` for each frame that is whole with `octets`; what it gets is a view that is good until the call returns. False: a
   * length was none that a frame has, and nothing more is read of this stream.
   */
  cut(octets: Uint8Array, onFrame: (frame: Uint8Array) => void): boolean {
    for (let at = 0; at < octets.length && !this.#isFaulty; ) {
      if (this.#wanted === 0) {
        at = this.#readLength(octets, at);
        continue;
      }
      const taken = octets.subarray(at, at + this.#wanted - this.#got);
      at += taken.length;
      const frame = this.#completed(taken);
      if (frame !== undefined) onFrame(frame);
    }
    return !this.#isFaulty;
  }

  #readLength(octets: Uint8Array, at: number): number {
    const octet = octets[at] ?? 0;
    if (this.#high === undefined) {
      this.#high = octet;
      return at + 1;
    }
    this.#wanted = (this.#high << 8) | octet;
    this.#high = undefined;
    this.#isFaulty = this.#wanted < 1 || this.#wanted > longestFrame;
    return at + 1;
  }

  /** The frame, if it is whole with `taken`: that itself, or a copy where it came in pieces. */
  #completed(taken: Uint8Array): Uint8Array | undefined {
    if (taken.length === this.#wanted) {
      this.#wanted = 0;
      return taken;
    }
    this.#begun ??= new Uint8Array(this.#wanted);
    this.#begun.set(taken, this.#got);
    this.#got += taken.length;
    if (this.#got < this.#wanted) return undefined;
    const frame = this.#begun;
    this.#wanted = 0;
    this.#begun = undefined;
    this.#got = 0;
    return frame;
  }
}

/** `frames` as they go out: their lengths before them, in one piece. */
export function encodeFrames(frames: readonly Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(frames.reduce((sum, { length }) => sum + frameHead + length, 0));
  let at = 0;
  for (const frame of frames) {
    octets[at] = frame.length >> 8;
    octets[at + 1] = frame.length & 0xff;
    octets.set(frame, at + frameHead);
    at += frameHead + frame.length;
  }
  return octets;
}
