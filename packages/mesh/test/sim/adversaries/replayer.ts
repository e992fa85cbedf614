/** Keeps the first announce that it hears of each, and says it again, years later, as if it had just come. */

import { addressOfKey, type MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { decodeAnnounce, HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import type { Meddler, Port } from "../station.ts";

export class Replayer implements Meddler {
  readonly kept: Map<MeshAddress, HeardAnnounce> = new Map();

  hears(frame: Uint8Array): readonly Uint8Array[] {
    const said = decodeFrame(frame);
    const heard = said?.type === "announce" ? decodeAnnounce(said.announce) : undefined;
    if (heard instanceof HeardAnnounce) {
      const address = addressOfKey(heard.key);
      if (!this.kept.has(address)) this.kept.set(address, heard.kept());
    }
    return [frame];
  }

  /** All that it kept of these, or of everybody, as an honest relay would say it. */
  replay(to: Port, of: readonly MeshAddress[] = [...this.kept.keys()]): void {
    for (const address of of) {
      const kept = this.kept.get(address);
      if (kept === undefined || kept.hops + 1 >= kept.maxHops) continue;
      const announce = kept.relayed(kept.hops + 1, furtherLink(kept, kept.chain, 1));
      to.out.send(encodeFrame({ type: "announce", label: 0x100, announce }));
    }
  }
}
