/** What one part of a simulated mesh has for another at the end of a step, packed so that it changes hands at once. */
import type { Millis } from "@ropewalk/kernel/units";
import type { AskedCut, Rise } from "./mesh-part.ts";

export interface Gathered {
  /** At the latest. */
  readonly sent: Millis;
  /** Of each frame: cable, how often that had come up, arrival, length. */
  readonly heads: Float64Array<ArrayBuffer>;
  /** One frame behind the other. */
  readonly octets: Uint8Array<ArrayBuffer>;
  readonly cuts: readonly AskedCut[];
}

const headLength = 4;

export class Batch {
  cuts: AskedCut[] = [];
  readonly #heads: number[] = [];
  readonly #frames: Uint8Array[] = [];
  #octets = 0;

  add({ cable, count }: Rise, arrival: number, frame: Uint8Array): void {
    this.#heads.push(cable, count, arrival, frame.length);
    this.#frames.push(frame);
    this.#octets += frame.length;
  }

  /** All that was gathered; undefined when that is nothing. */
  take(sent: Millis): Gathered | undefined {
    const { cuts } = this;
    if (this.#frames.length === 0 && cuts.length === 0) return undefined;
    const octets = new Uint8Array(this.#octets);
    let end = 0;
    for (const frame of this.#frames) {
      octets.set(frame, end);
      end += frame.length;
    }
    const gathered = { sent, heads: Float64Array.from(this.#heads), octets, cuts };
    this.#heads.length = 0;
    this.#frames.length = 0;
    this.#octets = 0;
    this.cuts = [];
    return gathered;
  }

  /** Gives back each frame, in octets of its own: who hears it may keep it. */
  static unpack({ heads, octets }: Gathered, give: (rise: Rise, arrival: number, frame: Uint8Array) => void): void {
    let begin = 0;
    for (let head = 0; head < heads.length; head += headLength) {
      const [cable = 0, count = 0, arrival = 0, length = 0] = heads.subarray(head, head + headLength);
      give({ cable, count }, arrival, octets.slice(begin, begin + length));
      begin += length;
    }
  }
}
