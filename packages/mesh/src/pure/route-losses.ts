/**
 * What becomes of routes when neighbours take them back, are gone, or nobody announces them any more. Where the last way without a loop is gone,
 * those who relied on this node are told, and a newer announce is asked for. Source: RFC 8966 §3.8.2.1 (starvation).
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Advertising } from "./advertising.ts";
import type { LinkId } from "./link.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Requests } from "./routing/requests.ts";
import type { NextHop, Route } from "./routing/route.ts";
import type { Routes } from "./routing/routes.ts";

/** Who is told what becomes of routes. */
export interface RouteFollower {
  /** There is a way where there was none. */
  wayUp(now: Millis, route: Route): void;
  /** A neighbour has announced himself, anew. */
  neighbourTold(now: Millis, neighbour: Neighbour, capabilities: number): void;
  /** Nothing is known of it any more. */
  forgotten(route: Route): void;
}

export interface RouteLossesDeps {
  readonly routes: Routes;
  readonly advertising: Advertising;
  readonly requests: Requests;
  readonly follower: RouteFollower;
}

/** For a link that is gone nobody else is told yet; what a neighbour takes back, others take back too. */
type Cause = "link" | "withdrawn";

/** A route that was used so lately is asked for when it is lost. */
const lately = seconds(60);
/** What others take back meanwhile is done with it. */
const gatherFor = millis(5);

export class RouteLosses {
  readonly #deps: RouteLossesDeps;
  /** Labels that neighbours took back. */
  readonly #gone = new Map<LinkId, Set<number>>();
  #goneAt: Millis | undefined;
  /** Nothing is to be forgotten before. */
  #expiresAt: number = Number.POSITIVE_INFINITY;

  constructor(deps: RouteLossesDeps) {
    this.#deps = deps;
  }

  /** When there is something to lose. */
  get deadline(): Millis | undefined {
    return this.#goneAt;
  }

  /** A neighbour does not lead any more to where it did under these labels: done a moment later. */
  withdrawn(now: Millis, link: LinkId, labels: readonly number[]): void {
    const gone = this.#gone.get(link) ?? new Set();
    for (const label of labels) gone.add(label);
    this.#gone.set(link, gone);
    this.#goneAt ??= millis(now + gatherFor);
  }

  /** Does what is due of that. */
  work(now: Millis): void {
    if (this.#goneAt === undefined || now < this.#goneAt) return;
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

  linkDown(now: Millis, link: LinkId): void {
    this.#gone.delete(link);
    for (const route of this.#deps.routes.by(link)) this.#lose(now, route, link, "link");
  }

  /** A route may be forgotten then, and is looked at. */
  keepUntil(expiresAt: Millis): void {
    this.#expiresAt = Math.min(this.#expiresAt, expiresAt);
  }

  /** What nobody has announced for its lifetime is forgotten. */
  expire(now: Millis): void {
    if (now < this.#expiresAt) return;
    this.#expiresAt = Number.POSITIVE_INFINITY;
    for (const route of this.#deps.routes.all()) {
      if (route.expiresAt <= now) this.giveUp(now, route);
      else this.keepUntil(route.expiresAt);
    }
  }

  /** Its next hops are others than they were, of which the best was `before`. */
  changed(now: Millis, route: Route, before: NextHop | undefined, cause: Cause): void {
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

  /** Nothing is known of it any more. */
  giveUp(now: Millis, route: Route): void {
    const { routes, advertising, requests } = this.#deps;
    if (route.isLabelOut) advertising.withdraw(now, route.label);
    advertising.forget(route);
    requests.settle(route.address);
    routes.remove(route);
    this.#deps.follower.forgotten(route);
  }

  #lose(now: Millis, route: Route, link: LinkId, cause: Cause): void {
    const before = route.best;
    if (!this.#deps.routes.unlead(route, link)) return;
    this.changed(now, route, before, cause);
  }

  #starve(now: Millis, route: Route, cause: Cause): void {
    const { advertising, routes } = this.#deps;
    if (route.isLabelOut) advertising.withdraw(now, route.label);
    advertising.forget(route);
    route.untell();
    routes.relabel(route);
    this.#want(now, route, cause);
  }

  #want(now: Millis, route: Route, cause: Cause): void {
    const { address, announce } = route;
    const unused = cause === "link" ? "gap" : "unused";
    this.#deps.requests.want(now, address, announce, this.#isUsed(now, route) ? "used" : unused);
  }

  #isUsed(now: Millis, { usedAt, address }: Route): boolean {
    return now - usedAt < lately || this.#deps.routes.isContact(address);
  }
}
