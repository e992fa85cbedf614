/** The routes that a node has, by address and by the labels that it gave its neighbours; and who gives way when there are too many. */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import { TableShares } from "../protection/table-shares.ts";
import type { HeardAnnounce } from "../wire/announce.ts";
import { Departed } from "./departed.ts";
import { Labels } from "./labels.ts";
import { type NextHop, Route } from "./route.ts";
import { ToldLabels } from "./told-labels.ts";

export interface RoutesConfig {
  readonly most: number;
  /** They never give way. */
  readonly contacts: readonly MeshAddress[];
}

export class Routes {
  readonly #byAddress = new Map<MeshAddress, Route>();
  /** By the first 48 bits of the key: of two keys with the same, one is found only by its address. */
  readonly #byKey = new Map<number, Route>();
  readonly #labels = new Labels<Route | "here">();
  readonly #byTold = new ToldLabels();
  readonly #departed = new Departed();
  readonly #shares: TableShares;
  #contacts: ReadonlySet<MeshAddress> = new Set();
  /** Under which neighbours reach the node itself. */
  readonly own: number;

  /** `chance`: 0…1, that nobody else can guess. */
  constructor({ most, contacts }: RoutesConfig, chance: () => number) {
    this.#shares = new TableShares({ most }, chance);
    this.setContacts(contacts);
    this.own = this.#labels.give("here") ?? 0;
  }

  /** These never give way, and no others. */
  setContacts(contacts: readonly MeshAddress[]): void {
    const wanted = new Set(contacts);
    for (const contact of this.#contacts) if (!wanted.has(contact)) this.#shares.unpin(contact, "contact");
    for (const contact of wanted) if (!this.#contacts.has(contact)) this.#shares.pin(contact, "contact");
    this.#contacts = wanted;
  }

  get size(): number {
    return this.#byAddress.size;
  }

  get(address: MeshAddress): Route | undefined {
    return this.#byAddress.get(address);
  }

  /** Who may have announced this, found without a hash: to be compared. */
  near({ keyNumber }: Pick<HeardAnnounce, "keyNumber">): Route | undefined {
    return this.#byKey.get(keyNumber);
  }

  isContact(address: MeshAddress): boolean {
    return this.#contacts.has(address);
  }

  /** What a neighbour's packet is for. */
  find(label: number): Route | "here" | undefined {
    return this.#labels.find(label);
  }

  all(): IterableIterator<Route> {
    return this.#byAddress.values();
  }

  /** Who must go before `address`, told of over `link`, has a place; undefined: nobody. */
  inTheWay(address: MeshAddress, link: LinkId): Route | "all" | undefined {
    const victim = this.#shares.victim(link, address);
    return victim === "refuse" ? "all" : victim && this.#byAddress.get(victim);
  }

  /** Whether it was told to be nearer than this before it gave way, so that this may have come from here. */
  cameFromHere(address: MeshAddress, announce: HeardAnnounce): boolean {
    return announce.hops >= this.#departed.nearest(address, announce);
  }

  /** Undefined: it came from here, or there is no label left. */
  add(address: MeshAddress, announce: HeardAnnounce, link: LinkId, expiresAt: Millis): Route | undefined {
    const nearest = this.#departed.nearest(address, announce);
    if (announce.hops >= nearest) return undefined;
    const route = new Route(address, announce, 0, expiresAt, nearest);
    const label = this.#labels.give(route);
    if (label === undefined) return undefined;
    route.label = label;
    this.#byAddress.set(address, route);
    this.#byKey.set(announce.keyNumber, route);
    this.#shares.add(address, link, announce.hops, "unconfirmed");
    return route;
  }

  /** In place of what its link led to there before. Of a full route another must give way first. */
  lead(route: Route, hop: NextHop): void {
    const before = route.by(hop.link);
    if (before !== undefined) this.#byTold.delete(before, route);
    this.#byTold.set(hop, route);
    route.lead(hop);
    this.#charge(route);
  }

  /** False: it did not lead there. */
  unlead(route: Route, link: LinkId): boolean {
    const hop = route.by(link);
    if (hop === undefined) return false;
    this.#byTold.delete(hop, route);
    route.unlead(link);
    this.#charge(route);
    return true;
  }

  /** A newer announce, by which nobody leads there yet. */
  renew(route: Route, announce: HeardAnnounce, expiresAt: Millis): void {
    for (const hop of route.nextHops) this.#byTold.delete(hop, route);
    route.renew(announce, expiresAt);
  }

  /** Where a neighbour leads under a label of its own; undefined: nowhere that is known. */
  byTold(link: LinkId, label: number): Route | undefined {
    return this.#byTold.find(link, label);
  }

  /** It stays charged to the link that brought it, for as long as that leads there. */
  #charge(route: Route): void {
    const { address, best } = route;
    if (best === undefined) return;
    const charged = this.#shares.chargedTo(address);
    const link = charged !== undefined && route.by(charged) !== undefined ? charged : best.link;
    this.#shares.move(address, link, best.hops);
  }

  /** It has answered this node. */
  confirm(route: Route): void {
    route.confirm();
    this.#shares.confirm(route.address);
  }

  /** What neighbours had for it means nothing any more. */
  relabel(route: Route): void {
    this.#labels.take(route.label);
    route.label = this.#labels.give(route) ?? 0;
    route.isLabelOut = false;
  }

  remove(route: Route): void {
    for (const hop of route.nextHops) this.#byTold.delete(hop, route);
    this.#labels.take(route.label);
    this.#byAddress.delete(route.address);
    const number = route.keyNumber;
    if (this.#byKey.get(number) === route) this.#byKey.delete(number);
    this.#shares.remove(route.address);
    if (route.nearest < Number.POSITIVE_INFINITY) this.#departed.add(route.address, route.announce, route.nearest);
  }

  linkUp(link: LinkId, { peer }: LinkFacts): void {
    this.#shares.linkUp(link);
    this.#shares.pin(peer, "neighbour");
  }

  /** `isLast`: no other link leads to the neighbour. */
  linkDown(link: LinkId, { peer }: LinkFacts, isLast: boolean): void {
    this.#shares.linkDown(link);
    if (isLast) this.#shares.unpin(peer, "neighbour");
  }

  /** Those that a neighbour leads to. */
  by(link: LinkId): readonly Route[] {
    const led: Route[] = [];
    for (const route of this.#byAddress.values()) if (route.by(link) !== undefined) led.push(route);
    return led;
  }
}
