/**
 * What a node knows of one other node: its latest announce, and the neighbours that lead to it. Loops cannot form, for nobody goes on by
 * a neighbour that is not nearer to the destination than the node itself has ever said to be of this announce.
 * Source: RFC 8966 §2.4 (feasibility), with the origin's signed epoch and sequence in place of a sequence number that relays carry.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { AnnounceLikeness, HeardAnnounce } from "../wire/announce.ts";

/** A neighbour that leads there. */
export interface NextHop {
  readonly link: LinkId;
  /** How far the neighbour is from there. */
  readonly hops: number;
  /** Under which the neighbour forwards there. */
  readonly label: number;
}

/** How sure it is that who announced is there now: an announce that is heard for the first time may be an old one that somebody kept. */
export type Standing = "unconfirmed" | "confirmed" | "neighbour";

/** As many as are worth their memory. */
export const mostNextHops = 4;

export class Route implements AnnounceLikeness {
  readonly address: MeshAddress;
  /** Of its announce: copies of that are known by these, and its octets are not looked at for them. */
  epoch: number;
  sequence: number;
  readonly keyNumber: number;
  readonly keyCheck: number;
  readonly #nextHops: NextHop[] = [];
  /** Of each next hop, in the same order: who looks for one reads no other, and a thousand routes are looked through for each link. */
  readonly #links: LinkId[] = [];
  /** The latest, proved, and no further from its origin than this node is: from its chain those of all who are further follow. */
  announce: HeardAnnounce;
  standing: Standing = "unconfirmed";
  expiresAt: Millis;
  /** This node's own, for its neighbours to use. */
  label: number;
  /** Whether neighbours have it: be it by an earlier announce than the latest. */
  isLabelOut = false;
  /** Whether neighbours were ever told of it. */
  wasTold = false;
  /** When a packet of this node's own was last for it. */
  usedAt: number = Number.NEGATIVE_INFINITY;
  /** By which the last packet went on. */
  inUse: LinkId | undefined;
  /** The least distance that this node has told of since the announce was new. */
  #nearest: number = Number.POSITIVE_INFINITY;
  #told: number | undefined;
  #best: NextHop | undefined;
  /** Hops of the furthest next hop. */
  #furthest = 0;

  /** `nearest`: the least distance that this node has told of this announce before. */
  constructor(address: MeshAddress, announce: HeardAnnounce, label: number, expiresAt: Millis, nearest: number) {
    this.address = address;
    this.epoch = announce.epoch;
    this.sequence = announce.sequence;
    this.keyNumber = announce.keyNumber;
    this.keyCheck = announce.keyCheck;
    this.announce = announce;
    this.label = label;
    this.expiresAt = expiresAt;
    this.#nearest = nearest;
  }

  /** The least distance that was told of its announce. */
  get nearest(): number {
    return this.#nearest;
  }

  get nextHops(): readonly NextHop[] {
    return this.#nextHops;
  }

  /** By which this node would go on; undefined: by none. */
  get best(): NextHop | undefined {
    return this.#best;
  }

  /** By which this node would go on if not by this neighbour. */
  around(link: LinkId): NextHop | undefined {
    if (this.#best?.link !== link) return this.#best;
    let around: NextHop | undefined;
    for (const hop of this.#nextHops)
      if (hop.link !== link && this.isFeasible(hop) && (around === undefined || hop.hops < around.hops)) around = hop;
    return around;
  }

  /** How far it is from here; undefined where no neighbour leads there without a loop. */
  get distance(): number | undefined {
    const { best } = this;
    return best === undefined ? undefined : best.hops + 1;
  }

  /** How far neighbours were told that it is; undefined: nothing of this announce, or that there is no way. */
  get told(): number | undefined {
    return this.#told;
  }

  /** Whether nobody who goes on by this neighbour can come back here. */
  isFeasible({ hops }: NextHop): boolean {
    return hops < this.#nearest;
  }

  by(link: LinkId): NextHop | undefined {
    const at = this.#placeOf(link);
    return at < 0 ? undefined : this.#nextHops[at];
  }

  /**
   * A newer announce: whoever leads there by it says so again. Of one that only those are told who asked, others go on by this node as they
   * did: who has the newer one goes on by those alone who have it too.
   */
  renew(announce: HeardAnnounce, expiresAt: Millis): void {
    this.announce = announce;
    this.epoch = announce.epoch;
    this.sequence = announce.sequence;
    this.expiresAt = expiresAt;
    this.#nearest = Number.POSITIVE_INFINITY;
    if (!announce.isRenewal) this.#told = undefined;
    this.#best = undefined;
    this.#nextHops.length = 0;
    this.#links.length = 0;
  }

  /** Whether it is worth knowing: it is not known already, nor are as many that are no further. */
  wants({ link, hops, label }: NextHop): boolean {
    const known = this.by(link);
    if (known !== undefined) return known.hops !== hops || known.label !== label;
    return !this.isFull || this.#furthest > hops;
  }

  /** Whether it has as many next hops as are worth their memory. */
  get isFull(): boolean {
    return this.#nextHops.length >= mostNextHops;
  }

  /** What a neighbour leads to, in place of what it led to before. Of a full route another must give way first. */
  lead(hop: NextHop): void {
    const known = this.#placeOf(hop.link);
    if (known < 0 && this.isFull) throw new InternalError(`a route has ${mostNextHops} next hops at most`);
    const at = known < 0 ? this.#nextHops.length : known;
    this.#nextHops[at] = hop;
    this.#links[at] = hop.link;
    this.#choose();
  }

  /** The neighbour does not lead there any more. False: it did not before. */
  unlead(link: LinkId): boolean {
    const at = this.#placeOf(link);
    if (at < 0) return false;
    this.#nextHops.splice(at, 1);
    this.#links.splice(at, 1);
    this.#choose();
    return true;
  }

  /** This node tells neighbours how far it is. */
  tell(distance: number): void {
    this.#told = distance;
    this.isLabelOut = true;
    this.wasTold = true;
    this.#toldOf(distance);
  }

  /** One neighbour is told how far it is by another way than the best. */
  tellAside(distance: number): void {
    if (this.#told === undefined || distance < this.#told) this.tell(distance);
    else this.#toldOf(distance);
  }

  /** They are told that there is no way. */
  untell(): void {
    this.#told = undefined;
  }

  /** Who announced it has shown to be there now. */
  confirm(): void {
    if (this.standing === "unconfirmed") this.standing = "confirmed";
  }

  #toldOf(distance: number): void {
    if (distance >= this.#nearest) return;
    this.#nearest = distance;
    this.#choose();
  }

  #placeOf(link: LinkId): number {
    const links = this.#links;
    for (let place = 0; place < links.length; place += 1) if (links[place] === link) return place;
    return -1;
  }

  #choose(): void {
    let best: NextHop | undefined;
    let furthest = 0;
    for (const hop of this.#nextHops) {
      if (hop.hops > furthest) furthest = hop.hops;
      if (this.isFeasible(hop) && (best === undefined || hop.hops < best.hops)) best = hop;
    }
    this.#best = best;
    this.#furthest = furthest;
  }
}
