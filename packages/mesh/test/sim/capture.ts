/** What a node in the middle sees: each frame of messages that its links bring and take, as it is when TLS is off it. */
import type { Millis } from "@ropewalk/kernel/units";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { decodeAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { frameType, type LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import type { MeshSim } from "./mesh-sim.ts";

export interface Captured {
  readonly at: Millis;
  readonly way: "in" | "out";
  /** Which neighbour's it is, or to whom it goes. */
  readonly neighbour: number;
  readonly octets: Uint8Array;
  readonly frame: LinkFrame;
}

const ofMessages: ReadonlySet<number> = new Set([
  ...[frameType.message, frameType.proof, frameType.deposit, frameType.broadcast, frameType.meeting],
]);

export class Capture {
  /** Frames of messages, of both ways. */
  frames: Captured[] = [];
  /** What it was told of who is in the mesh: addresses, keys and prekeys of all, its own links' among them. */
  readonly identifiers: Set<string> = new Set();

  constructor(sim: MeshSim, index: number) {
    const take = (way: Captured["way"], octets: Uint8Array, neighbour: number) => {
      const frame = decodeFrame(octets.slice());
      if (frame?.type === "announce") this.#identify(frame.announce);
      if (frame !== undefined && ofMessages.has(octets[0] ?? 0))
        this.frames.push({ at: sim.time.now, way, neighbour, octets: octets.slice(), frame });
      return [octets];
    };
    sim.station(index).meddler = {
      hears: (octets, { peer }) => take("in", octets, peer.index),
      sends: (octets, { peer }) => take("out", octets, peer.index),
    };
  }

  /** Those with envelopes. */
  get envelopes(): readonly (Captured & { readonly frame: EnvelopeFrame })[] {
    return this.frames.flatMap(({ frame, ...rest }) =>
      frame.type === "message" || frame.type === "deposit" ? [{ ...rest, frame }] : [],
    );
  }

  #identify(octets: Uint8Array): void {
    const announce = decodeAnnounce(octets);
    if (typeof announce === "string") return;
    for (const each of [announce.key, announce.prekey]) if (each !== undefined) this.identifiers.add(each.toHex());
    this.identifiers.add(addressOfKey(announce.key));
  }
}

type EnvelopeFrame = LinkFrame & { readonly type: "message" | "deposit" };

/** Every `length` octets in a row, as hexadecimal digits. */
export function* runsOf(octets: Uint8Array, length: number): Generator<string> {
  const digits = octets.toHex();
  for (let at = 0; at + length <= octets.length; at += 1) yield digits.slice(2 * at, 2 * (at + length));
}
