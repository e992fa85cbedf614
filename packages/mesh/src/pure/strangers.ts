/**
 * Whom a neighbour is to be told of who is new to him. He takes so many of a link and refuses the others, which nobody would tell him again
 * for long: so he is told of no more than he takes, and by the links that brought them, in turn: nobody waits behind a flood of another's.
 */
import { TokenBucket } from "@ropewalk/kernel/token-bucket";
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { Route } from "./routing/route.ts";

/** Below what link-budget.ts allows: his clock is not this one, and what is asked for goes besides. */
const taken = { perSecond: 80, burst: 1_536 };

export class Strangers {
  readonly #bucket: TokenBucket;
  /** By the link that leads there. Whose turn it is comes first; none is empty. */
  readonly #waiting = new Map<LinkId | undefined, Set<Route>>();
  /** By which link each of them waits. */
  readonly #linkOf = new Map<Route, LinkId | undefined>();

  constructor(now: Millis) {
    this.#bucket = new TokenBucket(taken, now);
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  has(route: Route): boolean {
    return this.#linkOf.has(route);
  }

  add(route: Route): void {
    if (this.#linkOf.has(route)) return;
    const link = route.best?.link;
    this.#linkOf.set(route, link);
    const routes = this.#waiting.get(link) ?? new Set();
    this.#waiting.set(link, routes.add(route));
  }

  delete(route: Route): void {
    const link = this.#linkOf.get(route);
    const routes = this.#waiting.get(link);
    if (!this.#linkOf.delete(route) || routes === undefined) return;
    routes.delete(route);
    if (routes.size === 0) this.#waiting.delete(link);
  }

  /** Whose turn it is, and who waits no more then; undefined: nobody, or not yet. */
  next(now: Millis): Route | undefined {
    if (this.#bucket.available(now) < 1) return undefined;
    for (const [link, routes] of this.#waiting) {
      const [route] = routes;
      this.#waiting.delete(link);
      if (route !== undefined) {
        routes.delete(route);
        this.#linkOf.delete(route);
      }
      if (routes.size > 0) this.#waiting.set(link, routes);
      return route;
    }
    return undefined;
  }

  /** One was told. */
  told(now: Millis): void {
    this.#bucket.take(now);
  }

  /** When one more may be. */
  readyAt(now: Millis): Millis {
    return this.#bucket.readyAt(now) ?? now;
  }
}
