/** Every link of the machine, and when its carrier last changed. */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkFacts } from "../facts.ts";
import { equalFacts } from "./equal-facts.ts";
import type { ObservedLink } from "./network-event.ts";
import { SharedMap } from "./shared-map.ts";

export class LinkTable {
  readonly #links = new SharedMap<number, LinkFacts>();

  get(ifindex: number): LinkFacts | undefined {
    return this.#links.get(ifindex);
  }

  /** True when anything about the link is new. */
  set(link: ObservedLink, now: Millis): boolean {
    const old = this.#links.get(link.ifindex);
    const isFlipped = old !== undefined && old.hasCarrier !== link.hasCarrier;
    const next: LinkFacts = { ...link, carrierChangedAt: isFlipped ? now : old?.carrierChangedAt };
    if (equalFacts(old, next)) return false;
    this.#links.set(link.ifindex, next);
    return true;
  }

  remove(ifindex: number): boolean {
    return this.#links.delete(ifindex);
  }

  snapshot(): ReadonlyMap<number, LinkFacts> {
    return this.#links.snapshot();
  }
}
