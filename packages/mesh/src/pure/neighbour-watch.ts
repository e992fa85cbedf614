/** Looks each second whether neighbours are silent: asks them, and cuts the links of those who do not answer for long. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { MeshCrypto } from "./mesh-crypto.ts";
import type { Neighbour } from "./neighbour.ts";
import type { LinkFrame } from "./wire/link-frame.ts";

const lookEvery = seconds(1);
const tokenLength = 8;

export interface NeighbourWatchDeps {
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly crypto: Pick<MeshCrypto, "random">;
  readonly say: (link: LinkId, frame: LinkFrame) => void;
  readonly cut: (link: LinkId, why: string) => void;
}

export class NeighbourWatch {
  readonly #deps: NeighbourWatchDeps;
  #lookAt: Millis = millis(0);

  constructor(deps: NeighbourWatchDeps) {
    this.#deps = deps;
  }

  get deadline(): Millis {
    return this.#lookAt;
  }

  /** Whether it was time to look. */
  expire(now: Millis): boolean {
    if (now < this.#lookAt) return false;
    this.#lookAt = millis(now + lookEvery);
    const { neighbours, crypto, say, cut } = this.#deps;
    for (const neighbour of neighbours.values()) {
      const call = neighbour.watch(now);
      if (call === "gone") cut(neighbour.link, "it is silent");
      if (call !== "ask") continue;
      const token = crypto.random(tokenLength);
      neighbour.asked(now, token);
      say(neighbour.link, { type: "ping", token });
    }
    return true;
  }
}
