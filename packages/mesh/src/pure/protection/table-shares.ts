/**
 * Which destination gives way when the route table is full. Who floods it pays first: the link with the most destinations that
 * nobody confirmed. Contacts that the operator pinned and direct neighbours never give way. Each call takes constant time,
 * and `victim` that of the links.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import { EntryBag, type ShareEntry } from "./entry-bag.ts";

/** Why a destination never gives way. */
export type Pin = "contact" | "neighbour";

export interface TableSharesConfig {
  /** The most destinations of the table. */
  readonly most: number;
}

/** Of the table, kept for those that are not confirmed, however many are: a newcomer has the time to answer. */
const newcomersShare = 1 / 16;
const mostHops = 64;

export class TableShares {
  readonly #most: number;
  readonly #chance: () => number;
  readonly #entries = new Map<MeshAddress, ShareEntry>();
  readonly #pins = new Map<MeshAddress, ReadonlySet<Pin>>();
  readonly #links = new Set<LinkId>();
  /** Not confirmed and not pinned, by the link that they are charged to; none is empty. */
  readonly #piles = new Map<LinkId, EntryBag>();
  /** Confirmed and not pinned, by hops. */
  readonly #confirmed: readonly EntryBag[] = Array.from({ length: mostHops + 1 }, () => new EntryBag());
  #unconfirmed = 0;

  /** `chance` gives numbers in 0…1 that nobody else can guess. */
  constructor(config: TableSharesConfig, chance: () => number) {
    this.#most = config.most;
    this.#chance = chance;
  }

  /** Destinations, the pinned ones too. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many that nobody confirmed one link may have, once the table is full: half of the table, by the links. */
  get share(): number {
    return Math.max(1, Math.floor(this.#most / (2 * Math.max(1, this.#links.size))));
  }

  /** Not confirmed and charged to `link`. */
  unconfirmedOf(link: LinkId): number {
    return this.#piles.get(link)?.size ?? 0;
  }

  linkUp(link: LinkId): void {
    this.#links.add(link);
  }

  /** What is charged to it stays so until it is moved or removed. */
  linkDown(link: LinkId): void {
    this.#links.delete(link);
  }

  /** A destination that is in the table from now on; one that is in it already is moved. */
  add(address: MeshAddress, link: LinkId, hops: number, standing: ShareEntry["standing"]): void {
    this.move(address, link, hops);
    if (this.#entries.has(address)) return;
    const entry: ShareEntry = { address, link, hops, standing, index: 0, older: undefined, younger: undefined };
    this.#entries.set(address, entry);
    this.#put(entry);
  }

  /** Its best next hop is another, or as far as it was not before. */
  move(address: MeshAddress, link: LinkId, hops: number): void {
    const entry = this.#entries.get(address);
    if (entry === undefined || (entry.link === link && entry.hops === hops)) return;
    // Among those not confirmed hops have no order, and who is told of again does not get younger.
    if (entry.link === link && entry.standing === "unconfirmed") entry.hops = hops;
    else this.#change(entry, { link, hops, standing: entry.standing });
  }

  /** The link that a destination is charged to. */
  chargedTo(address: MeshAddress): LinkId | undefined {
    return this.#entries.get(address)?.link;
  }

  /** It answered this node: what a stranger can bring about by itself must not count. */
  confirm(address: MeshAddress): void {
    const entry = this.#entries.get(address);
    if (entry?.standing === "unconfirmed") this.#change(entry, { ...entry, standing: "confirmed" });
  }

  /** In the table or not: it never gives way, once for each reason. */
  pin(address: MeshAddress, why: Pin): void {
    this.#repin(address, new Set(this.#pins.get(address)).add(why));
  }

  unpin(address: MeshAddress, why: Pin): void {
    const pins = new Set(this.#pins.get(address));
    pins.delete(why);
    this.#repin(address, pins);
  }

  remove(address: MeshAddress): void {
    const entry = this.#entries.get(address);
    if (entry === undefined) return;
    this.#take(entry);
    this.#entries.delete(address);
  }

  /**
   * Who must be removed before `newcomer`, of `link`, is added; undefined: there is room. Pinned newcomers are never refused.
   * In this order: the youngest not confirmed one of the fullest link, where that has its share, so that a flood takes its own places
   * and none of those who were there before; the oldest not confirmed one of the
   * fullest link, where newcomers have theirs; one of the furthest that are confirmed.
   */
  victim(link: LinkId, newcomer: MeshAddress): MeshAddress | undefined | "refuse" {
    if (this.size < this.#most || this.#entries.has(newcomer)) return undefined;
    const fullest = this.#fullest(link);
    const furthest = this.#confirmed.findLast((bag) => bag.size > 0);
    const isOverShare = fullest !== undefined && fullest.size >= this.share;
    const isCrowded = this.#unconfirmed >= this.#most * newcomersShare;
    const oldest = isCrowded || furthest === undefined ? fullest?.oldest : undefined;
    const victim = isOverShare ? fullest.youngest : (oldest ?? furthest?.any(this.#chance()));
    return victim?.address ?? (this.#pins.has(newcomer) ? undefined : "refuse");
  }

  /** Of several, the link that asks: it replaces its own. */
  #fullest(asking: LinkId): EntryBag | undefined {
    let fullest = this.#piles.get(asking);
    for (const pile of this.#piles.values()) if (pile.size > (fullest?.size ?? 0)) fullest = pile;
    return fullest;
  }

  #change(entry: ShareEntry, { link, hops, standing }: Pick<ShareEntry, "link" | "hops" | "standing">): void {
    this.#take(entry);
    entry.link = link;
    entry.hops = hops;
    entry.standing = standing;
    this.#put(entry);
  }

  #repin(address: MeshAddress, pins: ReadonlySet<Pin>): void {
    const entry = this.#entries.get(address);
    if (entry !== undefined) this.#take(entry);
    if (pins.size > 0) this.#pins.set(address, pins);
    else this.#pins.delete(address);
    if (entry !== undefined) this.#put(entry);
  }

  #put(entry: ShareEntry): void {
    if (this.#pins.has(entry.address)) return;
    if (entry.standing === "confirmed") {
      this.#bagOf(entry.hops).add(entry);
      return;
    }
    const pile = this.#piles.get(entry.link) ?? new EntryBag();
    this.#piles.set(entry.link, pile);
    pile.add(entry);
    this.#unconfirmed += 1;
  }

  #take(entry: ShareEntry): void {
    if (this.#pins.has(entry.address)) return;
    if (entry.standing === "confirmed") {
      this.#bagOf(entry.hops).delete(entry);
      return;
    }
    const pile = this.#piles.get(entry.link);
    pile?.delete(entry);
    if (pile?.size === 0) this.#piles.delete(entry.link);
    this.#unconfirmed -= 1;
  }

  #bagOf(hops: number): EntryBag {
    const bag = this.#confirmed[Math.min(mostHops, Math.max(0, Math.floor(hops))) || 0];
    if (bag === undefined) throw new InternalError(`there is no bag of ${hops} hops`);
    return bag;
  }
}
