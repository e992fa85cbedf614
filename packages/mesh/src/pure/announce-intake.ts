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
import type { Requests } from "./routing/requests.ts";
import type { NextHop, Route } from "./routing/route.ts";
import type { Routes } from "./routing/routes.ts";
import { decodeAnnounce, type HeardAnnounce, isNewer } from "./wire/announce.ts";
import { isProved, isProvedBy } from "./wire/announce-proof.ts";

/** A route that was used so lately is asked for when it is lost. */
const lately = seconds(60);

export interface AnnounceIntakeDeps {
  readonly routes: Routes;
  readonly advertising: Advertising;
  readonly requests: Requests;
  readonly tally: MeshTally;
  readonly crypto: Pick<MeshCrypto, "verify" | "address">;
  readonly random: () => number;
}

export class AnnounceIntake {
  readonly #deps: AnnounceIntakeDeps;
  readonly #onOwn: (now: Millis, announce: HeardAnnounce) => void;

  /** `onOwn`: an announce of the node's own, proved. */
  constructor(deps: AnnounceIntakeDeps, onOwn: (now: Millis, announce: HeardAnnounce) => void) {
    this.#deps = deps;
    this.#onOwn = onOwn;
  }

  get deadline(): Millis | undefined {
    return undefined;
  }

  /** The octets need not stay as they are. */
  offer(now: Millis, neighbour: Neighbour, label: number, octets: Uint8Array): void {
    const { routes, tally, advertising, crypto } = this.#deps;
    const heard = decodeAnnounce(octets);
    if (typeof heard === "string") {
      tally.refused(heard);
      return;
    }
    const address = addressOfKey(heard.key);
    if (address === crypto.address) {
      if (isProved(crypto, heard)) this.#onOwn(now, heard.kept());
      return;
    }
    // Nobody stands in another's place: that link has proved who its other end is.
    if (heard.hops === 0 && neighbour.facts.peer !== address) {
      tally.refused("not-its-own");
      return;
    }
    const route = routes.get(address);
    if (route === undefined || isNewer(heard, route.announce)) this.#prove(now, neighbour, label, heard, address);
    else if (!isNewer(route.announce, heard)) this.#copied(now, neighbour, label, heard, route);
    else {
      tally.refused("old");
      if (address === neighbour.facts.peer) advertising.giveBack(neighbour, route);
      else if (route.best !== undefined && route.best.link !== neighbour.link)
        advertising.tellOne(now, neighbour, route);
    }
  }

  work(_now: Millis): void {}

  drop(_link: LinkId): void {}

  /** A neighbour does not lead any more to where it did under these labels. */
  withdrawn(now: Millis, link: LinkId, labels: readonly number[]): void {
    const taken = new Set(labels);
    for (const route of this.#deps.routes.all()) {
      const hop = route.by(link);
      if (hop !== undefined && taken.has(hop.label)) this.#lose(now, route, link, "withdrawn");
    }
  }

  /** The link is gone. */
  lose(now: Millis, route: Route, link: LinkId): void {
    this.#lose(now, route, link, "link");
  }

  /** What nobody has announced for its lifetime is forgotten. */
  expire(now: Millis): void {
    const { routes, advertising } = this.#deps;
    for (const route of routes.all()) {
      if (route.expiresAt > now || route.isPinned) continue;
      if (route.told !== undefined) advertising.withdraw(now, route.label);
      this.#forget(route);
    }
  }

  #prove(now: Millis, neighbour: Neighbour, label: number, heard: HeardAnnounce, address: MeshAddress): void {
    const { crypto, tally } = this.#deps;
    if (!isProved(crypto, heard)) tally.refused("signature");
    else this.#take(now, neighbour, label, heard.kept(), address);
  }

  #take(now: Millis, neighbour: Neighbour, label: number, announce: HeardAnnounce, address: MeshAddress): void {
    const { routes, advertising, requests, tally } = this.#deps;
    const expiresAt = millis(now + announce.lifetime);
    const known = routes.get(address);
    const route = known ?? routes.add(address, announce, expiresAt);
    if (route === undefined) {
      tally.refused("full");
      return;
    }
    known?.renew(announce, expiresAt);
    tally.proved();
    if (announce.hops === 0) route.standing = "neighbour";
    else if (route.standing === "neighbour") route.standing = "confirmed";
    route.lead({ link: neighbour.link, hops: announce.hops, label, chain: announce.chain });
    requests.settle(address);
    advertising.tell(now, route);
  }

  #copied(now: Millis, neighbour: Neighbour, label: number, heard: HeardAnnounce, route: Route): void {
    const { link } = neighbour;
    const before = route.best;
    if (!isProvedBy(route.announce, heard)) {
      this.#deps.tally.refused("copy");
      return;
    }
    const { hops } = heard;
    if (!route.wants(link, hops)) return;
    route.lead({ link, hops, label, chain: heard.chain.slice() });
    this.#changed(now, route, before, "withdrawn");
  }

  #lose(now: Millis, route: Route, link: LinkId, cause: "link" | "withdrawn"): void {
    const before = route.best;
    if (route.unlead(link)) this.#changed(now, route, before, cause);
  }

  #changed(now: Millis, route: Route, before: NextHop | undefined, cause: "link" | "withdrawn"): void {
    const { best } = route;
    if (best === undefined) {
      if (before !== undefined) this.#starve(now, route, cause);
    } else if (before === undefined || best.hops !== route.told?.by.hops) {
      this.#deps.requests.settle(route.address);
      this.#deps.advertising.tell(now, route);
    }
  }

  #starve(now: Millis, route: Route, cause: "link" | "withdrawn"): void {
    const { advertising, routes, requests } = this.#deps;
    if (route.told !== undefined) advertising.withdraw(now, route.label);
    advertising.forget(route);
    route.untell();
    routes.relabel(route);
    // Who only heard of it from others hears of it from them again; who stands at the gap must ask.
    if (cause === "link" || route.nextHops.length > 0 || now - route.usedAt < lately || route.isPinned)
      requests.want(now, route.address, route.announce);
  }

  #forget(route: Route): void {
    const { routes, advertising, requests } = this.#deps;
    advertising.forget(route);
    requests.settle(route.address);
    routes.remove(route);
  }
}
