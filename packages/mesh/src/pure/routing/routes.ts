/** The routes that a node has, by address and by the labels that it gave its neighbours. */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { HeardAnnounce } from "../wire/announce.ts";
import { Labels } from "./labels.ts";
import { Route } from "./route.ts";

export class Routes {
  readonly #byAddress = new Map<MeshAddress, Route>();
  readonly #labels = new Labels<Route | "here">();
  readonly #most: number;
  /** Under which neighbours reach the node itself. */
  readonly own: number;

  constructor(most: number) {
    this.#most = most;
    this.own = this.#labels.give("here") as number;
  }

  get size(): number {
    return this.#byAddress.size;
  }

  get isFull(): boolean {
    return this.#byAddress.size >= this.#most;
  }

  get(address: MeshAddress): Route | undefined {
    return this.#byAddress.get(address);
  }

  /** What a neighbour's packet is for. */
  find(label: number): Route | "here" | undefined {
    return this.#labels.find(label);
  }

  all(): IterableIterator<Route> {
    return this.#byAddress.values();
  }

  /** Undefined: there is no place. */
  add(address: MeshAddress, announce: HeardAnnounce, expiresAt: Millis): Route | undefined {
    if (this.isFull) return undefined;
    const route = new Route(address, announce, 0 as number, expiresAt);
    const label = this.#labels.give(route);
    if (label === undefined) return undefined;
    route.label = label;
    this.#byAddress.set(address, route);
    return route;
  }

  /** What neighbours had for it means nothing any more. */
  relabel(route: Route): void {
    this.#labels.take(route.label);
    route.label = this.#labels.give(route) ?? (0 as number);
  }

  remove(route: Route): void {
    this.#labels.take(route.label);
    this.#byAddress.delete(route.address);
  }

  /** Those that a neighbour leads to. */
  by(link: LinkId): readonly Route[] {
    return [...this.#byAddress.values()].filter((route) => route.by(link) !== undefined);
  }
}
