/** Labels that neighbours have told, and what they lead to: what is taken back is found without looking through all routes. */
import type { LinkId } from "../link.ts";
import type { NextHop, Route } from "./route.ts";

export class ToldLabels {
  /** None is empty. */
  readonly #byLink = new Map<LinkId, Map<number, Route>>();

  /** Who tells one label of two destinations leads to the later by it. */
  set({ link, label }: NextHop, route: Route): void {
    const labels = this.#byLink.get(link);
    if (labels === undefined) this.#byLink.set(link, new Map([[label, route]]));
    else labels.set(label, route);
  }

  find(link: LinkId, label: number): Route | undefined {
    return this.#byLink.get(link)?.get(label);
  }

  delete({ link, label }: NextHop, route: Route): void {
    const labels = this.#byLink.get(link);
    if (labels?.get(label) !== route) return;
    labels.delete(label);
    if (labels.size === 0) this.#byLink.delete(link);
  }
}
