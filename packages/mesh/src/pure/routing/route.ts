/**
 * What a node knows of one other node: its latest announce, and the neighbours that lead to it. Loops cannot form, for nobody goes on by
 * a neighbour that is not nearer to the destination than the node itself has ever said to be of this announce.
 * Source: RFC 8966 §2.4 (feasibility), with the origin's signed epoch and sequence in place of a sequence number that relays carry.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { HeardAnnounce } from "../wire/announce.ts";

/** A neighbour that leads there. */
export interface NextHop {
  readonly link: LinkId;
  /** How far the neighbour is from there. */
  hops: number;
  /** Under which the neighbour forwards there. */
  label: number;
  /** The hop chain at `hops`: 12 octets. */
  chain: Uint8Array;
}

/** How sure it is that who announced is there now: an announce that is heard for the first time may be an old one that somebody kept. */
export type Standing = "unconfirmed" | "confirmed" | "neighbour";

/** As many as are worth their memory. */
const mostNextHops = 4;

export class Route {
  readonly address: MeshAddress;
  readonly #nextHops: NextHop[] = [];
  /** The latest, as it was first heard; its hops and chain are those of whom it came from. */
  announce: HeardAnnounce;
  standing: Standing;
  expiresAt: Millis;
  /** This node's own, for its neighbours to use. */
  label: number;
  isPinned = false;
  /** When a packet of this node's own was last for it. */
  usedAt: number = Number.NEGATIVE_INFINITY;
  /** The least distance that this node has told of since the announce was new. */
  #told: number = Number.POSITIVE_INFINITY;

  constructor(address: MeshAddress, announce: HeardAnnounce, label: number, expiresAt: Millis) {
    this.address = address;
    this.announce = announce;
    this.label = label;
    this.standing = "unconfirmed";
    this.expiresAt = expiresAt;
  }

  get nextHops(): readonly NextHop[] {
    return this.#nextHops;
  }

  /** By which this node would go on; undefined: by none. */
  get best(): NextHop | undefined {
    let best: NextHop | undefined;
    for (const hop of this.#nextHops)
      if (this.isFeasible(hop) && (best === undefined || hop.hops < best.hops)) best = hop;
    return best;
  }

  /** How far it is from here; undefined where no neighbour leads there without a loop. */
  get distance(): number | undefined {
    const { best } = this;
    return best === undefined ? undefined : best.hops + 1;
  }

  /** Whether nobody who goes on by this neighbour can come back here. */
  isFeasible({ hops }: NextHop): boolean {
    return hops < this.#told;
  }

  by(link: LinkId): NextHop | undefined {
    return this.#nextHops.find((hop) => hop.link === link);
  }

  /** A newer announce: what was known of the way is history, but the neighbours that lead there by the old one still may. */
  renew(announce: HeardAnnounce, expiresAt: Millis): void {
    this.announce = announce;
    this.expiresAt = expiresAt;
    this.#told = Number.POSITIVE_INFINITY;
    this.#nextHops.length = 0;
  }

  /** What a neighbour leads to. False: there are enough that are nearer. */
  lead(hop: NextHop): boolean {
    const known = this.by(hop.link);
    if (known !== undefined) {
      Object.assign(known, hop);
      return true;
    }
    if (this.#nextHops.length < mostNextHops) {
      this.#nextHops.push(hop);
      return true;
    }
    const furthest = this.#nextHops.reduce((far, one) => (one.hops > far.hops ? one : far));
    if (hop.hops >= furthest.hops) return false;
    this.#nextHops.splice(this.#nextHops.indexOf(furthest), 1, hop);
    return true;
  }

  /** The neighbour does not lead there any more. False: it did not before. */
  unlead(link: LinkId): boolean {
    const at = this.#nextHops.findIndex((hop) => hop.link === link);
    if (at < 0) return false;
    this.#nextHops.splice(at, 1);
    return true;
  }

  /** This node tells neighbours how far it is. */
  tell(distance: number): void {
    if (distance < this.#told) this.#told = distance;
  }
}

/** Whether (epoch, sequence) `one` was announced after `other`. */
export function isNewer(
  one: { readonly epoch: number; readonly sequence: number },
  other: { readonly epoch: number; readonly sequence: number },
): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence);
}
