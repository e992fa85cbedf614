/**
 * Passes on what it hears as it heard it, not a hop further: one hop less than the truth, which the hop chain cannot show. What it wins by
 * that is a documented limit; that it wins no more is what is looked at.
 */
import { frameType } from "@ropewalk/mesh/pure/wire/link-frame";
import type { Meddler, Port } from "../station.ts";

const announceAt = 5;
const [keyAt, tailLength] = [22, 13];

export class EqualHops implements Meddler {
  /** The end of each announce as it was heard nearest to its origin, by key, epoch and sequence. */
  readonly #heard: Map<string, Uint8Array> = new Map();

  hears(frame: Uint8Array): readonly Uint8Array[] {
    if (frame[0] !== frameType.announce) return [frame];
    const which = nameOf(frame);
    const tail = frame.slice(-tailLength);
    const known = this.#heard.get(which);
    if (known === undefined || (tail[0] ?? 0) < (known[0] ?? 0)) this.#heard.set(which, tail);
    return [frame];
  }

  sends(frame: Uint8Array, _to: Port): readonly Uint8Array[] {
    const tail = frame[0] === frameType.announce ? this.#heard.get(nameOf(frame)) : undefined;
    // What came from its origin itself may be told by nobody else.
    if (tail === undefined || tail[0] === 0) return [frame];
    const changed = frame.slice();
    changed.set(tail, frame.length - tailLength);
    return [changed];
  }
}

function nameOf(frame: Uint8Array): string {
  const announce = frame.subarray(announceAt);
  return announce.subarray(3, 11).toHex() + announce.subarray(keyAt, keyAt + 32).toHex();
}
