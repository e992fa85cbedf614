/** What becomes of announces that neighbours tell: copies of known ones are proved by a hash or two, new ones by their signature. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Advertising } from "./advertising.ts";
import type { LinkId } from "./link.ts";
import { addressOfKey, type MeshAddress } from "./mesh-address.ts";
import type { MeshCrypto } from "./mesh-crypto.ts";
import type { MeshTally } from "./mesh-tally.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NextHopChoice } from "./next-hop-choice.ts";
import { Intake, type IntakeConfig } from "./protection/intake.ts";
import { isRepeatedAnnounce } from "./repeated-announce.ts";
import type { RouteFollower, RouteLosses } from "./route-losses.ts";
import type { Requests } from "./routing/requests.ts";
import type { NextHop, Route } from "./routing/route.ts";
import type { Routes } from "./routing/routes.ts";
import { decodeAnnounce, HeardAnnounce, isNewer } from "./wire/announce.ts";
import { hasTrueHops } from "./wire/announce-proof.ts";
import { frameLengths } from "./wire/link-frame.ts";

export interface AnnounceIntakeDeps {
  readonly routes: Routes;
  readonly advertising: Advertising;
  readonly requests: Requests;
  readonly tally: MeshTally;
  readonly choice: NextHopChoice;
  readonly crypto: Pick<MeshCrypto, "proves" | "address">;
  readonly follower: RouteFollower;
  readonly losses: Pick<RouteLosses, "changed" | "giveUp" | "keepUntil">;
}

/** What waits for its proof. */
interface Unproved {
  readonly neighbour: Neighbour;
  readonly label: number;
  readonly announce: HeardAnnounce;
  readonly address: MeshAddress;
}

/** As many as a link may bring at once of those that nobody knew. */
const waiting: IntakeConfig = { perLink: 2048, reserved: 512, quantum: 4 };

export class AnnounceIntake {
  readonly #deps: AnnounceIntakeDeps;
  readonly #onOwn: (now: Millis, announce: HeardAnnounce) => void;
  readonly #waiting = new Intake<MeshAddress, Unproved>(waiting);
  #workAt: Millis | undefined;

  /** `onOwn`: an announce of the node's own, proved. */
  constructor(deps: AnnounceIntakeDeps, onOwn: (now: Millis, announce: HeardAnnounce) => void) {
    this.#deps = deps;
    this.#onOwn = onOwn;
  }

  /** When there is something to prove. */
  get deadline(): Millis | undefined {
    return this.#workAt;
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
  }

  drop(link: LinkId): void {
    this.#waiting.dropLink(link);
  }

  /** A neighbour has taken back what he told under these labels. */
  withdrawn(link: LinkId, labels: readonly number[]): void {
    const gone = new Set(labels);
    this.#waiting.remove(link, ({ label }) => gone.has(label));
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
    this.#deps.losses.keepUntil(expiresAt);
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
      this.#deps.losses.giveUp(now, inTheWay);
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
    this.#deps.losses.changed(now, route, before, "withdrawn");
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
}
