/**
 * What becomes of announces that neighbours tell: copies of known ones are proved by a hash or two, new ones by their signature; and what
 * becomes of the routes that they made when neighbours take them back. Where the last way without a loop is gone, those who relied on this
 * node are told, and a newer announce is asked for. Source: RFC 8966 §3.8.2.1 (starvation).
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Advertising } from "./advertising.ts";
import type { LinkId } from "./link.ts";
import { addressOfKey, type MeshAddress } from "./mesh-address.ts";
import type { MeshCrypto } from "./mesh-crypto.ts";
import type { MeshTally } from "./mesh-tally.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NextHopChoice } from "./next-hop-choice.ts";
import { Intake, type IntakeConfig } from "./protection/intake.ts";
import { isRepeatedAnnounce } from "./repeated-announce.ts";
import type { Requests } from "./routing/requests.ts";
import type { NextHop, Route } from "./routing/route.ts";
import type { Routes } from "./routing/routes.ts";
import { decodeAnnounce, HeardAnnounce, isNewer } from "./wire/announce.ts";
import { hasTrueHops } from "./wire/announce-proof.ts";
import { frameLengths } from "./wire/link-frame.ts";

/** A route that was used so lately is asked for when it is lost. */
const lately = seconds(60);

export interface AnnounceIntakeDeps {
  readonly routes: Routes;
  readonly advertising: Advertising;
  readonly requests: Requests;
  readonly tally: MeshTally;
  readonly choice: NextHopChoice;
  readonly crypto: Pick<MeshCrypto, "proves" | "address">;
  readonly follower: RouteFollower;
}

/** Who is told what becomes of routes. */
export interface RouteFollower {
  /** There is a way where there was none. */
  wayUp(now: Millis, route: Route): void;
  /** A neighbour has announced himself, anew. */
  neighbourTold(now: Millis, neighbour: Neighbour, capabilities: number): void;
  /** Nothing is known of it any more. */
  forgotten(route: Route): void;
}

/** What waits for its proof. */
interface Unproved {
  readonly neighbour: Neighbour;
  readonly label: number;
  readonly announce: HeardAnnounce;
  readonly address: MeshAddress;
}

const gatherFor = millis(5);
/** As many as a link may bring at once of those that nobody knew. */
const waiting: IntakeConfig = { perLink: 2048, reserved: 512, quantum: 4 };

export class AnnounceIntake {
  readonly #deps: AnnounceIntakeDeps;
  readonly #onOwn: (now: Millis, announce: HeardAnnounce) => void;
  readonly #waiting = new Intake<MeshAddress, Unproved>(waiting);
  #workAt: Millis | undefined;
  /** Labels that neighbours took back. */
  readonly #gone = new Map<LinkId, Set<number>>();
  #goneAt: Millis | undefined;
  /** Nothing is to be forgotten before. */
  #expiresAt: number = Number.POSITIVE_INFINITY;

  /** `onOwn`: an announce of the node's own, proved. */
  constructor(deps: AnnounceIntakeDeps, onOwn: (now: Millis, announce: HeardAnnounce) => void) {
    this.#deps = deps;
    this.#onOwn = onOwn;
  }

  /** When there is something to prove, or to lose. */
  get deadline(): Millis | undefined {
    return this.#workAt ?? this.#goneAt;
  }

  /** How many of a link's announces wait: where they are many, its transport should wait. */
  waitingOf(link: LinkId): number {
    return this.#waiting.sizeOf(link);
  }

  /** Whether a frame brings what is known, and is done with. Its type says that it is an announce. */
  knows(now: Millis, neighbour: Neighbour, frame: Uint8Array): boolean {
    if (!isRepeatedAnnounce(this.#deps.routes, neighbour.link, frame)) return false;
    neighbour.heardAnnounce(frame.length - frameLengths.announce);
    if (!neighbour.budget.take(now, "known-announce")) this.#deps.tally.refused("rate");
    return true;
  }

  /** The octets need not stay as they are. */
  offer(now: Millis, neighbour: Neighbour, label: number, octets: Uint8Array): void {
    const { routes, tally } = this.#deps;
    neighbour.heardAnnounce(octets.length);
    const heard = decodeAnnounce(octets);
    if (typeof heard === "string") {
      tally.refused(heard);
      return;
    }
    const copied = routes.near(heard);
    if (copied !== undefined && heard.hasChainOf(copied.announce)) {
      if (neighbour.budget.take(now, "known-announce")) this.#copied(now, neighbour, label, heard, copied);
      else tally.refused("rate");
      return;
    }
    const address = addressOfKey(heard.key);
    const route = routes.get(address);
    const standing = route === undefined ? "new" : "known";
    if (!neighbour.budget.take(now, standing === "new" ? "new-announce" : "known-announce")) tally.refused("rate");
    else if (this.#isNotItsOwn(neighbour, heard, address)) tally.refused("not-its-own");
    else if (route !== undefined && !isNewer(heard, route.announce)) this.#known(now, neighbour, label, heard, route);
    else if (heard.isRenewal && !this.#isNeeded(now, address, route)) tally.refused("unneeded");
    else {
      const item = { neighbour, label, announce: heard.kept(), address };
      const outcome = this.#waiting.offer(neighbour.link, { key: address, standing, cost: 1, item });
      if (outcome === "full") tally.refused("rate");
      else this.#workAt = now;
    }
  }

  /** Proves as many as may be at once; the others when it is called again. */
  work(now: Millis): void {
    for (const { item } of this.#waiting.take()) this.#prove(now, item);
    this.#workAt = this.#waiting.size > 0 ? now : undefined;
    if (this.#goneAt !== undefined && now >= this.#goneAt) this.#loseGone(now);
  }

  drop(link: LinkId): void {
    this.#waiting.dropLink(link);
    this.#gone.delete(link);
  }

  /** A neighbour does not lead any more to where it did under these labels: done a moment later, with what others take back meanwhile. */
  withdrawn(now: Millis, link: LinkId, labels: readonly number[]): void {
    const gone = this.#gone.get(link) ?? new Set();
    for (const label of labels) gone.add(label);
    this.#waiting.remove(link, ({ label }) => gone.has(label));
    this.#gone.set(link, gone);
    this.#goneAt ??= millis(now + gatherFor);
  }

  /** The link is gone. */
  lose(now: Millis, route: Route, link: LinkId): void {
    this.#lose(now, route, link, "link");
  }

  /** What nobody has announced for its lifetime is forgotten. */
  expire(now: Millis): void {
    if (now < this.#expiresAt) return;
    this.#expiresAt = Number.POSITIVE_INFINITY;
    for (const route of this.#deps.routes.all()) {
      if (route.expiresAt <= now) this.#giveUp(now, route);
      else this.#expiresAt = Math.min(this.#expiresAt, route.expiresAt);
    }
  }

  /** Nobody stands in another's place: a link has proved who its other end is. */
  #isNotItsOwn({ facts }: Neighbour, { hops }: HeardAnnounce, address: MeshAddress): boolean {
    return hops === 0 && facts.peer !== address && address !== this.#deps.crypto.address;
  }

  /** Who has a way keeps his next hops until an announce comes that is for everybody: they would have to say anew that they lead there. */
  #isNeeded(now: Millis, address: MeshAddress, route: Route | undefined): boolean {
    const { requests } = this.#deps;
    return route?.best === undefined || requests.isWanted(address) || requests.isAsked(now, address);
  }

  /** It is not newer than what is known. */
  #known(now: Millis, neighbour: Neighbour, label: number, heard: HeardAnnounce, route: Route): void {
    const { tally, advertising } = this.#deps;
    if (!isNewer(route.announce, heard)) {
      this.#copied(now, neighbour, label, heard, route);
      return;
    }
    tally.refused("old");
    if (route.address === neighbour.facts.peer) advertising.giveBack(neighbour, route);
    // Who tells of an earlier one has a way by it.
    else if (route.best !== undefined && route.best.link !== neighbour.link && !route.announce.isRenewal)
      advertising.tellOne(now, neighbour, route);
  }

  #prove(now: Millis, { neighbour, label, announce, address }: Unproved): void {
    const { crypto, tally, routes } = this.#deps;
    // Another link may have brought it meanwhile.
    const route = routes.get(address);
    if (route !== undefined && !isNewer(announce, route.announce)) this.#known(now, neighbour, label, announce, route);
    else if (!crypto.proves(announce)) tally.refused("signature");
    else if (address === crypto.address) this.#onOwn(now, announce);
    else this.#take(now, neighbour, label, announce, address);
  }

  #take(now: Millis, neighbour: Neighbour, label: number, announce: HeardAnnounce, address: MeshAddress): void {
    const { routes, advertising, requests, tally } = this.#deps;
    const expiresAt = millis(now + announce.lifetime);
    const known = routes.get(address);
    const wasReachable = known?.best !== undefined;
    const wasTold = known?.told !== undefined;
    const route = known ?? this.#place(now, neighbour, announce, address, expiresAt);
    if (route === undefined) {
      tally.refused("full");
      return;
    }
    if (known !== undefined) routes.renew(known, announce, expiresAt);
    tally.proved();
    if (announce.hops === 0) route.standing = "neighbour";
    else if (route.standing === "neighbour") route.standing = "confirmed";
    routes.lead(route, { link: neighbour.link, hops: announce.hops, label });
    this.#expiresAt = Math.min(this.#expiresAt, expiresAt);
    requests.settle(address);
    if (!announce.isRenewal || !wasTold) advertising.tell(now, route);
    if (announce.isRenewal) advertising.answerAll(requests.takeAskers(address), route);
    if (announce.hops === 0) this.#deps.follower.neighbourTold(now, neighbour, announce.capabilities);
    if (!wasReachable) this.#deps.follower.wayUp(now, route);
  }

  #place(
    now: Millis,
    { link, admission }: Neighbour,
    announce: HeardAnnounce,
    address: MeshAddress,
    expiresAt: Millis,
  ) {
    const { routes } = this.#deps;
    const inTheWay = routes.inTheWay(address, link);
    // Nobody gives way to who is not taken.
    if (inTheWay === "all" || routes.cameFromHere(address, announce)) return undefined;
    if (inTheWay !== undefined) {
      if (!admission.offer(now) && !routes.isContact(address)) return undefined;
      this.#giveUp(now, inTheWay);
    }
    return routes.add(address, announce, link, expiresAt);
  }

  #copied(now: Millis, neighbour: Neighbour, label: number, heard: HeardAnnounce, route: Route): void {
    const { link } = neighbour;
    const { hops } = heard;
    if (this.#isNotItsOwn(neighbour, heard, route.address)) {
      this.#deps.tally.refused("not-its-own");
      return;
    }
    // What would change nothing needs no proof.
    if (!route.wants({ link, hops, label })) return;
    if (!hasTrueHops(route.announce, heard)) {
      this.#deps.tally.refused("copy");
      return;
    }
    const before = route.best;
    // What it says besides was not proved. From what this node tells itself all follows but for who is nearer by two.
    if (hops + 1 < route.announce.hops) route.announce = new HeardAnnounce(route.announce.relayed(hops, heard.chain));
    this.#lead(now, route, { link, hops, label });
    if (hops === 0) this.#deps.follower.neighbourTold(now, neighbour, route.announce.capabilities);
    this.#changed(now, route, before, "withdrawn");
  }

  /** In place of the next hop that is worth the least, where there are enough. */
  #lead(now: Millis, route: Route, hop: NextHop): void {
    const { routes, choice } = this.#deps;
    if (route.isFull && route.by(hop.link) === undefined) {
      const least = choice.leastWorth(now, route, hop);
      if (least === hop) return;
      routes.unlead(route, least.link);
    }
    routes.lead(route, hop);
  }

  #loseGone(now: Millis): void {
    const gone = [...this.#gone];
    this.#gone.clear();
    this.#goneAt = undefined;
    for (const [link, labels] of gone) {
      for (const label of labels) {
        const route = this.#deps.routes.byTold(link, label);
        if (route !== undefined) this.#lose(now, route, link, "withdrawn");
      }
    }
  }

  #lose(now: Millis, route: Route, link: LinkId, cause: "link" | "withdrawn"): void {
    const before = route.best;
    if (!this.#deps.routes.unlead(route, link)) return;
    this.#changed(now, route, before, cause);
  }

  #changed(now: Millis, route: Route, before: NextHop | undefined, cause: "link" | "withdrawn"): void {
    const { best } = route;
    if (best === undefined) {
      if (before !== undefined) this.#starve(now, route, cause);
      else if (route.nextHops.length > 0) this.#want(now, route, "withdrawn");
    } else if (before === undefined || best.hops + 1 !== route.told) {
      this.#deps.requests.settle(route.address);
      this.#deps.advertising.tell(now, route);
      if (before === undefined) this.#deps.follower.wayUp(now, route);
    }
  }

  #starve(now: Millis, route: Route, cause: "link" | "withdrawn"): void {
    const { advertising, routes } = this.#deps;
    if (route.isLabelOut) advertising.withdraw(now, route.label);
    advertising.forget(route);
    route.untell();
    routes.relabel(route);
    this.#want(now, route, cause);
  }

  #want(now: Millis, route: Route, cause: "link" | "withdrawn"): void {
    const { address, announce } = route;
    const unused = cause === "link" ? "gap" : "unused";
    this.#deps.requests.want(now, address, announce, this.#isUsed(now, route) ? "used" : unused);
  }

  #isUsed(now: Millis, { usedAt, address }: Route): boolean {
    return now - usedAt < lately || this.#deps.routes.isContact(address);
  }

  #giveUp(now: Millis, route: Route): void {
    const { routes, advertising, requests } = this.#deps;
    if (route.isLabelOut) advertising.withdraw(now, route.label);
    advertising.forget(route);
    requests.settle(route.address);
    routes.remove(route);
    this.#deps.follower.forgotten(route);
  }
}
