/** What neighbours are told of this node's way to the internet, and by which of them it has one. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";
import type { Neighbour } from "./neighbour.ts";
import { findPeerRoute, type PeerRoute } from "./peer-route.ts";
import type { LinkFrame, NodeKind, OnlineState } from "./wire/link-frame.ts";

const tellEvery = seconds(30);

export interface OwnConnectivityDeps {
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly say: (link: LinkId, frame: LinkFrame) => void;
}

export class OwnConnectivity {
  readonly #deps: OwnConnectivityDeps;
  #kind: NodeKind;
  #online: OnlineState = "unknown";
  #measuredAt: Millis = millis(0);
  /** By whom it reached the internet last. */
  #relay: MeshAddress | undefined;
  #toldAt: Millis = millis(0);

  constructor(kind: NodeKind, deps: OwnConnectivityDeps) {
    this.#kind = kind;
    this.#deps = deps;
  }

  get kind(): NodeKind {
    return this.#kind;
  }

  get online(): OnlineState {
    return this.#online;
  }

  /** As it was measured `at`. Neighbours hear at once what is something else than before. */
  set(now: Millis, kind: NodeKind, online: OnlineState, at: Millis): void {
    const isOther = kind !== this.#kind || online !== this.#online;
    [this.#kind, this.#online, this.#measuredAt] = [kind, online, at];
    if (isOther) this.#tell(now);
  }

  setKind(now: Millis, kind: NodeKind): void {
    this.set(now, kind, this.#online, this.#measuredAt);
  }

  /** It was measured again, and is as it was. */
  measured(at: Millis): void {
    if (at > this.#measuredAt) this.#measuredAt = at;
  }

  say(now: Millis, link: LinkId): void {
    const age = millis(now - this.#measuredAt);
    this.#deps.say(link, { type: "status", kind: this.#kind, online: this.#online, age });
  }

  /** By whom this node reaches the internet: itself, by a neighbour that does, or not at all. */
  findPeerRoute(now: Millis): PeerRoute {
    const neighbours = this.#deps.neighbours
      .values()
      .map(({ facts, said, answeredAt }) => ({ peer: facts.peer, said, answeredAt }));
    const found = findPeerRoute(this.#online, [...neighbours], this.#relay, now);
    this.#relay = found.kind === "relay" ? found.relay : undefined;
    return found;
  }

  expire(now: Millis): void {
    if (now - this.#toldAt >= tellEvery) this.#tell(now);
  }

  #tell(now: Millis): void {
    this.#toldAt = now;
    for (const link of this.#deps.neighbours.keys()) this.say(now, link);
  }
}
