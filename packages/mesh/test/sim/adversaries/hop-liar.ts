/** Claims to be nearer to everybody than it is: each announce that it passes on goes out with fewer hops, and with any chain that it can think of. */
import { decodeAnnounce, HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import type { Random } from "@ropewalk/simnet/random";
import type { Meddler, Port } from "../station.ts";

const chainLength = 12;

export class HopLiar implements Meddler {
  /** How many forgeries it has sent. */
  forged = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  sends(frame: Uint8Array, _to: Port): readonly Uint8Array[] {
    const said = decodeFrame(frame);
    const heard = said?.type === "announce" ? decodeAnnounce(said.announce) : undefined;
    // Its own announce, which has come no way, is what binds its neighbours to it.
    if (said?.type !== "announce" || !(heard instanceof HeardAnnounce) || heard.hops === 0) return [frame];
    const { label } = said;
    const lies = this.#lies(heard).map((announce) => encodeFrame({ type: "announce", label, announce }));
    this.forged += lies.length;
    // The truth first: what comes last is what is believed, if it is.
    return [frame, ...lies];
  }

  #lies(heard: HeardAnnounce): readonly Uint8Array[] {
    const { hops, chain } = heard;
    const made = Uint8Array.from({ length: chainLength }, () => this.#random.below(256));
    // It knows the links from the one it was given on, and none before.
    const given = Math.max(0, hops - 2);
    const lowered = [1, given, this.#random.below(hops)];
    return lowered.flatMap((lie) => [
      heard.relayed(lie, chain),
      heard.relayed(lie, furtherLink(heard, chain, hops - lie)),
      heard.relayed(lie, made),
    ]);
  }
}
