/**
 * What next hops delivered, in bounded memory: to one destination, apart for each link that asked, and of each neighbour to all. Who asks
 * what nobody can answer, or has both a question and its answer made up, changes what is known for his own link and for no other.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { acknowledged, combinedShare, type DeliveryScore, lost, unproven, unprovenShare } from "./delivery-score.ts";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";

/** Who went where by whom. */
export interface Passage {
  readonly to: MeshAddress;
  readonly by: LinkId;
  /** The link that it came from; undefined: it was this node's own. */
  readonly from: LinkId | undefined;
}

/** Some 2 MiB. Those of which nothing was heard for longest are forgotten: they fade as well. */
const mostScores = 8192;

export class Deliveries {
  /** The one that was changed longest ago first. */
  readonly #scores = new Map<string, DeliveryScore>();
  /** Of the node's own alone: what others ask they may have made up with who answers. */
  readonly #ofNeighbours = new Map<LinkId, DeliveryScore>();

  get size(): number {
    return this.#scores.size;
  }

  /** It was answered. */
  delivered(now: Millis, passage: Passage): void {
    this.#change(passage, (score) => acknowledged(score, now));
  }

  /** It was not answered in time, or not by who was asked. */
  lost(now: Millis, passage: Passage): void {
    this.#change(passage, (score) => lost(score, now));
  }

  /** What may be expected of it, 0…1. */
  share(now: Millis, passage: Passage): number {
    const [score, ofNeighbour] = [this.#scores.get(nameOf(passage)), this.#ofNeighbours.get(passage.by)];
    if (score === undefined && ofNeighbour === undefined) return unprovenShare;
    return combinedShare(score, ofNeighbour ?? unproven, now);
  }

  /** 0 where it is not bypassed, and never was. */
  bypassedUntil(passage: Passage): Millis {
    return (this.#scores.get(nameOf(passage)) ?? unproven).bypassedUntil;
  }

  /** It does not come back: links are not used again. */
  linkDown(link: LinkId): void {
    this.#ofNeighbours.delete(link);
  }

  #change(passage: Passage, change: (score: DeliveryScore) => DeliveryScore): void {
    const { by, from } = passage;
    const name = nameOf(passage);
    const score = change(this.#scores.get(name) ?? unproven);
    this.#scores.delete(name);
    this.#scores.set(name, score);
    if (from === undefined) this.#ofNeighbours.set(by, change(this.#ofNeighbours.get(by) ?? unproven));
    if (this.#scores.size <= mostScores) return;
    for (const oldest of this.#scores.keys()) {
      this.#scores.delete(oldest);
      return;
    }
  }
}

function nameOf({ to, by, from }: Passage): string {
  return `${to} ${by} ${from ?? ""}`;
}
